/** A language model as the simulation asks it: many questions at once, each with an answer or a reason why there is none. */
import type { Price, Tokens } from './models.ts';

export interface Question {
  /** Unique in its round. */
  key: string;
  system: string;
  user: string;
  /** In the subset of JSON Schema that structured output takes. */
  schema: Record<string, unknown>;
  maxTokens: number;
}

export interface Answer {
  key: string;
  /** Null where there is none. */
  text: string | null;
  /** Why: `refused`, `cut_short`, `errored`, `expired`, `canceled`. */
  failure: string | null;
  tokens: Tokens;
}

export interface Asker {
  /** Model and way, such as `haiku-4.5`. */
  readonly label: string;
  readonly price: Price;
  /**
   * Hands the questions over; answers what they can be collected by. Null: they are asked one by one as they are collected.
   */
  readonly submit: ((questions: readonly Question[]) => Promise<string>) | null;
  /** What was submitted since then with so many questions, and whose id was lost in a crash; null: nothing. */
  readonly findLost: ((since: Date, questions: number) => Promise<string | null>) | null;
  /** Calls back with each answer as it comes, in any order, each once. */
  collect(
    handle: string | null,
    questions: readonly Question[],
    onAnswer: (answer: Answer) => Promise<void>,
  ): Promise<void>;
}
