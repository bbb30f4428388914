/** What planning is asked, and what it works with. */
import type { ArbitrationConfig } from '../../core/arbitration/config.ts';
import type { ArbitrationMode } from '../../core/arbitration/decision.ts';
import type { GroupStrategy } from '../../core/group/strategies.ts';
import type { ArchetypeAffinity } from '../../core/ranking/archetype-affinity.ts';
import type { Party } from '../../core/ranking/party-fit.ts';
import type { BudgetBand } from '../../core/ranking/ranker.ts';
import type { Location } from '../../core/venue/venue.ts';
import type { City } from '../../platform/database/cities.ts';
import type { Database } from '../../platform/database/client.ts';
import type { LlmSession } from '../../platform/llm/llm-session.ts';
import type { Retrieval } from '../../platform/ranking/retrieve.ts';
import type { WarmModels } from './warm-models.ts';

export interface PlanRequest {
  tripId: string;
  city: City;
  startDate: string;
  days: number;
  party: Party;
  budgetBand: BudgetBand;
  startArea: Location | null;
  /** On the first day nothing starts before this minute. */
  notBefore: number;
  /** Set where the city has no catalogue and its venues came from a places provider. */
  fallback: 'places' | null;
  /** Venues that the travellers found closed: they are no candidates. */
  closedVenueIds?: ReadonlySet<string> | undefined;
  /** How a group's wishes become one; the default where it is left out. */
  strategy?: GroupStrategy | undefined;
}

export interface PlanDependencies extends Retrieval {
  database: Database;
  kv: KVNamespace;
  /** Null without a language model. */
  llm: LlmSession | null;
  /** How the archetype takes to the city's venues; null where nothing is known that may load here. */
  affinity: (archetypeId: string, city: City) => Promise<ArchetypeAffinity | null>;
  /** The trained models, the same whenever they are asked for; only warm travellers do. */
  models: () => Promise<WarmModels>;
  arbitration: {
    mode: ArbitrationMode;
    /** With the rules that were switched, if there is something to decide. */
    config: (needed: boolean) => Promise<ArbitrationConfig>;
    exploreSlots: number;
    exploreDisagreements: number;
    llmWaitMs: number;
  };
  now: Date;
  newId: () => string;
  /** Runs a named stage; for `Server-Timing`. */
  timed: <T>(stage: string, work: () => Promise<T>) => Promise<T>;
  log: (event: string, fields?: Record<string, unknown>) => void;
}
