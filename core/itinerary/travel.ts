/** How long it takes from one place to the next, without asking a routing service. */
import type { Location } from '../venue/venue.ts';

export type TravelMode = 'walk' | 'transit';

export interface Leg {
  mode: TravelMode;
  minutes: number;
  metres: number;
}

const EARTH_RADIUS_METRES = 6_371_008.8;
const DEGREE = Math.PI / 180;

/** Streets are longer than the line between their ends. */
const DETOUR = 1.3;
const WALK_METRES_A_MINUTE = 80;
const WALK_AT_MOST_METRES = 1600;
/** Walking to the stop and waiting, then riding with its stops. */
const TRANSIT_ACCESS_MINUTES = 8;
const TRANSIT_METRES_A_MINUTE = 300;

/** Metres between two places of one city on the equirectangular plane; within 0.1% of the great circle at 60 km. */
export function straightMetres(a: Location, b: Location): number {
  const x = (b.lng - a.lng) * DEGREE * Math.cos(((a.lat + b.lat) / 2) * DEGREE);
  const y = (b.lat - a.lat) * DEGREE;
  return EARTH_RADIUS_METRES * Math.sqrt(x * x + y * y);
}

/** An estimate, rounded up to whole minutes: on foot while that is reasonable, by transit beyond. */
export function travelBetween(from: Location, to: Location): Leg {
  const metres = Math.round(straightMetres(from, to) * DETOUR);
  if (metres <= WALK_AT_MOST_METRES) {
    return { mode: 'walk', minutes: Math.ceil(metres / WALK_METRES_A_MINUTE), metres };
  }
  return { mode: 'transit', minutes: TRANSIT_ACCESS_MINUTES + Math.ceil(metres / TRANSIT_METRES_A_MINUTE), metres };
}

/** Minutes between every two of `places`, row by row: `minutes[from * places.length + to]`. */
export function travelMatrix(places: readonly Location[]): Uint16Array {
  const n = places.length;
  const minutes = new Uint16Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const leg = travelBetween(places[a]!, places[b]!);
      minutes[a * n + b] = leg.minutes;
      minutes[b * n + a] = leg.minutes;
    }
  }
  return minutes;
}
