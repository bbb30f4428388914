/**
 * The queues `jobs` and `signals` by a clock of their own: what is sent is delivered when it is due, and what its consumer
 * gives back comes again after the delay that it asked for. So a minute passes without waiting for it.
 */
import type { Job } from '../../../platform/queue/jobs.ts';
import type { Overrides } from '../api/client.ts';
import { deliver } from '../signals/scene.ts';

type QueueName = 'jobs' | 'signals';

interface Waiting {
  queue: QueueName;
  body: { kind: string };
  /** So many have failed. */
  attempts: number;
  /** Milliseconds since the epoch. */
  due: number;
}

const MOST_A_BATCH = { jobs: 10, signals: 100 } as const;

export class TimedQueues {
  now: number;
  waiting: Waiting[] = [];
  /** What the consumers took for poison. */
  readonly dead: unknown[] = [];
  acknowledged = 0;
  /** How often a message was given back, and after how many attempts, by kind. */
  readonly givenBack: { kind: string; attempts: number; delaySeconds: number }[] = [];
  readonly env: Overrides;

  constructor(now: number) {
    this.now = now;
    const sendTo = (queue: QueueName) => ({
      sendBatch: async (sent: Iterable<MessageSendRequest<Job>>) => {
        for (const { body } of sent) {
          this.waiting.push({ queue, body: structuredClone(body), attempts: 0, due: this.now });
        }
      },
    });
    this.env = { JOBS: sendTo('jobs') as unknown as Queue, SIGNALS: sendTo('signals') as unknown as Queue };
  }

  /** It is `now`, and the consumers get what is due. `overrides`: the environment that they run in. */
  async run(now: number, overrides: Overrides): Promise<void> {
    this.now = now;
    const due = this.waiting.filter((message) => message.due <= now);
    this.waiting = this.waiting.filter((message) => message.due > now);
    for (const batch of batches(due)) {
      const [{ queue, attempts: failed }] = batch as [Waiting];
      const attempts = failed + 1;
      const deliveries = batch.map(({ body }, i) => ({ id: `m${i}`, body, attempts }));
      const { acked, retried, delays, dead } = await deliver(queue, deliveries, { ...this.env, ...overrides });
      this.acknowledged += acked.length;
      this.dead.push(...dead);
      const delaySeconds = Math.max(0, ...delays.map((delay) => delay ?? 0));
      for (const [i, { body }] of batch.entries()) {
        if (!retried.includes(`m${i}`)) continue;
        this.givenBack.push({ kind: body.kind, attempts, delaySeconds });
        this.waiting.push({ queue, body, attempts, due: now + delaySeconds * 1000 });
      }
    }
  }
}

/** Of one queue, and of messages that have failed as often: they are given back for as long. */
function* batches(messages: readonly Waiting[]): Generator<Waiting[]> {
  const alike = Map.groupBy(messages, ({ queue, attempts }) => `${queue} ${attempts}`);
  for (const group of alike.values()) {
    const most = MOST_A_BATCH[group[0]!.queue];
    for (let i = 0; i < group.length; i += most) yield group.slice(i, i + most);
  }
}
