/** What every adapter of the vector index refuses before it sends anything. */
import {
  type Collection,
  dimensionsOf,
  isSpace,
  MAX_HITS,
  SPACE,
  type VectorPoint,
  type VectorQuery,
} from '../../core/venue/vector-index.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function checkVector(collection: Collection, vector: Float32Array, whose: string): void {
  const dimensions = dimensionsOf(collection);
  if (vector.length !== dimensions) {
    throw new RangeError(`${collection}: the vector of ${whose} has ${vector.length} numbers, not ${dimensions}`);
  }
  const wrong = vector.findIndex((x) => !Number.isFinite(x));
  if (wrong !== -1)
    throw new RangeError(`${collection}: the vector of ${whose} has ${vector[wrong]} at index ${wrong}`);
  if (vector.every((x) => x === 0)) throw new RangeError(`${collection}: the vector of ${whose} is zero`);
}

/** Throws a `RangeError` that names the space, where it is none. */
export function checkCollection(collection: Collection): void {
  if (isSpace(collection) && !SPACE.test(collection)) throw new RangeError(`${collection}: no name of a space`);
}

/** Throws a `RangeError` that names the collection and the first id that is no UUID. */
export function checkIds(collection: Collection, ids: readonly string[]): void {
  checkCollection(collection);
  const wrong = ids.find((id) => !UUID.test(id));
  if (wrong !== undefined) throw new RangeError(`${collection}: the id "${wrong}" is no UUID`);
}

/** Throws a `RangeError` that names the collection and the id of the first point that cannot be stored. */
export function checkPoints(collection: Collection, points: readonly VectorPoint[]): void {
  checkCollection(collection);
  for (const { id, vector, payload } of points) {
    checkIds(collection, [id]);
    checkVector(collection, vector, id);
    if ((payload !== undefined) !== (collection !== 'personas')) {
      throw new RangeError(
        `${collection}: ${id} has ${payload ? 'a payload that does not belong here' : 'no payload'}`,
      );
    }
    if (!payload) continue;
    checkIds(collection, [payload.cityId]);
    const { venueVersion } = payload;
    const versioned = venueVersion !== undefined && Number.isInteger(venueVersion) && venueVersion > 0;
    if (isSpace(collection) ? !versioned : venueVersion !== undefined) {
      throw new RangeError(`${collection}: ${id} has the venue version ${venueVersion}`);
    }
  }
}

/** Throws a `RangeError` that names the collection and what is wrong with the query. */
export function checkQuery(collection: Collection, { vector, limit, cityId }: VectorQuery): void {
  checkCollection(collection);
  checkVector(collection, vector, 'the query');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_HITS) {
    throw new RangeError(`${collection}: a limit of ${limit} is not between 1 and ${MAX_HITS}`);
  }
  if (cityId === undefined) return;
  if (collection === 'personas') throw new RangeError(`${collection}: has no cities to search in`);
  checkIds(collection, [cityId]);
}

/** Slices of at most `size`, in order. */
export function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Rounding may carry the cosine of equal vectors past 1. */
export const asSimilarity = (cosine: number): number => Math.max(-1, Math.min(1, cosine));
