/** Requests of travellers with a past, seeded, over the venues of the catalogues. */
import { Random } from '../../core/experiment/random.ts';
import { DIMENSION_NAMES, type Dimensions } from '../../core/persona/dimensions.ts';
import type { MlMoment, MlRequest, PastChoice } from '../../core/ranking/ml-ranker.ts';
import { DAY_PARTS } from '../../core/ranking/ranker.ts';
import type { Venue } from '../../core/venue/venue.ts';
import { VIBE_TAG_NAMES } from '../../core/venue/vocabulary.ts';

const HOUR = 3_600_000;

export interface CaseSize {
  history: number;
  candidates: number;
  moments: number;
}

/** Of the case whose logits are in `dlrm-logits.json`, with the seed 11, among 300 made-up venues. */
export const WRITTEN_DOWN: CaseSize = { history: 30, candidates: 20, moments: 3 };

export function rankingCase(venues: readonly Venue[], size: CaseSize, seed: number): MlRequest {
  const random = Random.of(seed, 'ranking-case');
  const dimensions = Object.fromEntries(DIMENSION_NAMES.map((name) => [name, random.uniform()])) as Dimensions;
  let at = 1_700_000_000_000;
  const next = (): MlMoment => {
    at += Math.round(random.uniform() ** 4 * 500 * HOUR);
    return { tripDay: 1 + random.int(16), dayPart: DAY_PARTS[random.int(DAY_PARTS.length)]!, at };
  };
  const past = Array.from({ length: size.history }, () => venues[random.int(venues.length)]!);
  const history = past.map(({ id }): PastChoice => {
    const unknown = random.chance(0.2);
    const { tripDay, dayPart, ...rest } = next();
    const accepted = random.chance(0.6);
    return { ...rest, venueId: id, accepted, tripDay: unknown ? null : tripDay, dayPart: unknown ? null : dayPart };
  });
  const asked = at;
  const moments = Array.from({ length: size.moments }, () => {
    at = asked;
    return next();
  });
  return {
    persona: { dimensions, interests: random.shuffle([...VIBE_TAG_NAMES]).slice(0, 4) },
    history,
    historyVenues: new Map(past.map((venue) => [venue.id, venue])),
    candidates: random.shuffle([...venues]).slice(0, size.candidates),
    moments,
  };
}
