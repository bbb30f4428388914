/** How venues have been taken to so far: what no record of a venue says. */

/** Decisions that a venue is taken to have had at the overall rate before its first. */
const PRIOR = 10;

export class VenueRates {
  readonly #counts = new Map<string, { accepted: number; all: number }>();
  #accepted = 0;
  #all = 0;

  see(venueId: string, accepted: boolean): void {
    const counts = this.#counts.get(venueId) ?? { accepted: 0, all: 0 };
    if (accepted) {
      counts.accepted++;
      this.#accepted++;
    }
    counts.all++;
    this.#all++;
    this.#counts.set(venueId, counts);
  }

  /** Log-odds that the venue is taken, less those of venues overall, drawn towards 0 where little is known; null: nothing is. */
  of(venueId: string): number | null {
    const counts = this.#counts.get(venueId);
    if (!counts) return null;
    const overall = (this.#accepted + 1) / (this.#all + 2);
    const own = (counts.accepted + PRIOR * overall) / (counts.all + PRIOR);
    return Math.log(own / (1 - own)) - Math.log(overall / (1 - overall));
  }

  /** Of all venues, for the file beside the model. */
  all(): Record<string, number> {
    return Object.fromEntries([...this.#counts.keys()].sort().map((id) => [id, this.of(id)!]));
  }
}
