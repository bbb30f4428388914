/** What the ranking graph reads of a venue, worked out once for each venue record that this isolate holds. */
import type { Venue } from '../../../core/venue/venue.ts';
import { VENUE_FEATURES, venueFeatures } from '../../../core/venue/venue-features.ts';
import { VENUE_FACTS, venueFacts } from '../../../models/dlrm/serving-inputs.ts';
import { FIRST_ITEM, START, UNKNOWN } from '../../../models/u-sasrec/inputs.ts';
import type { OnnxSession } from '../onnx-session.ts';

/** A venue; of one without a record, its id; or the start of every history. */
export type KeptKey = Venue | string;
export const HISTORY_START = 'start of the history';

/** Venues without a record whose rows are kept by id. */
const MOST_WITHOUT_RECORD = 1000;

export class KeptVenues {
  /** Numbers a venue: what the graph gives, then `venueFacts`. */
  readonly width: number;
  readonly #session: OnnxSession;
  readonly #items: ReadonlyMap<string, number>;
  // A record never changes: a new version of the venue is another object.
  readonly #records = new WeakMap<Venue, Float32Array>();
  readonly #others = new Map<string, Float32Array>();

  /** @param kept the width of what the graph gives */
  constructor(session: OnnxSession, items: ReadonlyMap<string, number>, kept: number) {
    this.#session = session;
    this.#items = items;
    this.width = kept + VENUE_FACTS;
  }

  /** Makes sure that `row` has an answer for these. */
  async prepare(keys: Iterable<KeptKey>): Promise<void> {
    const missing = new Set<KeptKey>();
    for (const key of keys) if (!this.#find(key)) missing.add(key);
    if (missing.size === 0) return;
    const venues = [...missing];
    const ids = Int32Array.from(venues, (key) => this.#idOf(key));
    const features = new Float32Array(venues.length * VENUE_FEATURES);
    for (const [i, key] of venues.entries())
      if (typeof key !== 'string') features.set(venueFeatures(key), i * VENUE_FEATURES);
    const { kept } = await this.#session.run({
      ids: { type: 'int32', data: ids, dims: [ids.length] },
      features: { type: 'float32', data: features, dims: [ids.length, VENUE_FEATURES] },
    });
    const width = this.width - VENUE_FACTS;
    if (this.#others.size > MOST_WITHOUT_RECORD) this.#others.clear();
    for (const [i, key] of venues.entries()) {
      const row = new Float32Array(this.width);
      row.set(kept!.data.subarray(i * width, (i + 1) * width));
      if (typeof key === 'string') this.#others.set(key, row);
      else {
        row.set(venueFacts(key), width);
        this.#records.set(key, row);
      }
    }
  }

  /** [width]. @throws Error where it was not prepared */
  row(key: KeptKey): Float32Array {
    const row = this.#find(key);
    if (!row) throw new Error('a venue was not prepared');
    return row;
  }

  #find(key: KeptKey): Float32Array | undefined {
    return typeof key === 'string' ? this.#others.get(key) : this.#records.get(key);
  }

  #idOf(key: KeptKey): number {
    if (key === HISTORY_START) return START;
    const item = this.#items.get(typeof key === 'string' ? key : key.id);
    return item === undefined ? UNKNOWN : item + FIRST_ITEM;
  }
}
