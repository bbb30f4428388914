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

/** A place on the plane: radians, and the square root of the cosine of its latitude. */
interface Projected {
  lat: number;
  lng: number;
  shrink: number;
}

function project({ lat, lng }: Location): Projected {
  return { lat: lat * DEGREE, lng: lng * DEGREE, shrink: Math.sqrt(Math.cos(lat * DEGREE)) };
}

/** Equirectangular, with the geometric mean of the two places' cosines for their longitudes. */
function planeMetres(a: Projected, b: Projected): number {
  const x = (b.lng - a.lng) * a.shrink * b.shrink;
  const y = b.lat - a.lat;
  return EARTH_RADIUS_METRES * Math.sqrt(x * x + y * y);
}

/** Metres between two places of one city; within 0.1% of the great circle at 60 km. */
export function straightMetres(a: Location, b: Location): number {
  return planeMetres(project(a), project(b));
}

function legOver(straight: number): Leg {
  const metres = Math.round(straight * DETOUR);
  if (metres <= WALK_AT_MOST_METRES) {
    return { mode: 'walk', minutes: Math.ceil(metres / WALK_METRES_A_MINUTE), metres };
  }
  return { mode: 'transit', minutes: TRANSIT_ACCESS_MINUTES + Math.ceil(metres / TRANSIT_METRES_A_MINUTE), metres };
}

/** An estimate, rounded up to whole minutes: on foot while that is reasonable, by transit beyond. */
export function travelBetween(from: Location, to: Location): Leg {
  return legOver(straightMetres(from, to));
}

/** Minutes between every two of `places`, row by row: `minutes[from * places.length + to]`. */
export function travelMatrix(places: readonly Location[]): Uint16Array {
  const n = places.length;
  const projected = places.map(project);
  const minutes = new Uint16Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const leg = legOver(planeMetres(projected[a]!, projected[b]!)).minutes;
      minutes[a * n + b] = leg;
      minutes[b * n + a] = leg;
    }
  }
  return minutes;
}
