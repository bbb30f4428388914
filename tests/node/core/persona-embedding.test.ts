import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIMENSION_NAMES, type Dimensions } from '../../../core/persona/dimensions.ts';
import { isWarm, makePersona, personaFromTags, WARM_SIGNALS } from '../../../core/persona/persona.ts';
import { PERSONA_VECTOR_VERSION, personaEmbedding } from '../../../core/persona/persona-vector.ts';
import { dot } from '../../../core/venue/unit-vector.ts';
import { dimensionProfile, VENUE_VECTOR_VERSION, venueVector } from '../../../core/venue/venue-vector.ts';
import { VIBE_TAG_NAMES } from '../../../core/venue/vocabulary.ts';
import { someVenue, venuesOf } from './fixtures/venues.ts';

const anyDimensions = fc.record(
  Object.fromEntries(DIMENSION_NAMES.map((name) => [name, fc.double({ min: 0, max: 1, noNaN: true })])),
) as fc.Arbitrary<Dimensions>;
const anyInterests = fc.uniqueArray(fc.constantFrom(...VIBE_TAG_NAMES), { maxLength: 12 });

const bitsOf = (...vectors: Float32Array[]) => {
  const hash = createHash('sha256');
  for (const vector of vectors) hash.update(new Uint8Array(vector.buffer));
  return hash.digest('hex').slice(0, 16);
};
const lengthOf = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));

describe('the persona embedding', () => {
  it('is 128 numbers of unit length', () => {
    fc.assert(
      fc.property(anyDimensions, anyInterests, (dimensions, interests) => {
        const embedding = personaEmbedding(dimensions, interests);
        expect(embedding).toHaveLength(128);
        expect(lengthOf(embedding)).toBeCloseTo(1, 5);
      }),
    );
  });

  it('leans with each dimension, and to neither side at one half', () => {
    const { embedding } = personaFromTags({ pace: ['slow'] });
    const at = (name: (typeof DIMENSION_NAMES)[number]) => embedding[DIMENSION_NAMES.indexOf(name)]!;
    // pace 0.196, night owl 0.4: centred -0.608 and -0.2.
    expect(at('pace_preference') / at('night_owl')).toBeCloseTo(3.04, 5);
    expect(at('pace_preference')).toBeLessThan(0);
    expect(at('culture')).toBe(0);
  });

  it('has a direction for a traveller of whom nothing is known, and for one in the middle of everything', () => {
    const middle = Object.fromEntries(DIMENSION_NAMES.map((name) => [name, 0.5])) as Dimensions;
    expect(lengthOf(personaEmbedding(middle, []))).toBe(1);
    expect(lengthOf(personaFromTags({}).embedding)).toBeCloseTo(1, 5);
  });

  it('is the same for the same traveller, in whatever order the interests come', () => {
    fc.assert(
      fc.property(anyDimensions, anyInterests, (dimensions, interests) => {
        const one = makePersona(dimensions, interests);
        const other = makePersona({ ...dimensions }, interests.toReversed());
        expect(bitsOf(other.embedding, other.retrieval)).toBe(bitsOf(one.embedding, one.retrieval));
      }),
    );
  });

  it('differs where one dimension or one interest differs', () => {
    fc.assert(
      fc.property(anyDimensions, fc.constantFrom(...DIMENSION_NAMES), anyInterests, (dimensions, name, interests) => {
        const moved = {
          ...dimensions,
          [name]: dimensions[name] > 0.5 ? dimensions[name] - 0.4 : dimensions[name] + 0.4,
        };
        expect(personaEmbedding(moved, interests)).not.toEqual(personaEmbedding(dimensions, interests));
        const extra = VIBE_TAG_NAMES.find((tag) => !interests.includes(tag))!;
        expect(personaEmbedding(dimensions, [...interests, extra])).not.toEqual(
          personaEmbedding(dimensions, interests),
        );
      }),
    );
  });

  // Stored embeddings are compared with new ones: whoever changes these bits raises the version too.
  it('has the same bits on every machine and in every release of its version', () => {
    const embeddings = [
      personaFromTags({ food: ['coffee', 'ramen'], pace: ['slow'] }).embedding,
      personaFromTags({ locals: ['local_first'], interests: ['hiking'], rhythm: ['early_bird'] }).embedding,
    ];
    expect([PERSONA_VECTOR_VERSION, bitsOf(...embeddings)]).toEqual(['persona-tags@1', 'd2da12563408ad1a']);
  });
});

describe('the venue vector', () => {
  it('has the same bits on every machine and in every release of its version', () => {
    const venues = [
      someVenue({ category: 'restaurant', priceLevel: 3, vibeTags: ['italian', 'romantic', 'view'] }),
      someVenue({ category: 'market', vibeTags: ['iconic', 'lively'], touristScore: 0.83, localScore: 0.69 }),
    ];
    expect([VENUE_VECTOR_VERSION, bitsOf(...venues.map(venueVector))]).toEqual(['venue-themes@1', '26808bcebe1d3843']);
  });

  it('is 64 numbers of unit length for every venue', () => {
    for (const venue of venuesOf('tokyo')) {
      expect(venueVector(venue)).toHaveLength(64);
      expect(lengthOf(venueVector(venue))).toBeCloseTo(1, 5);
      for (const value of dimensionProfile(venue)) expect(Math.abs(value)).toBeLessThan(1);
    }
  });

  it('lies near the travellers who want what the venue is', () => {
    const hiker = personaFromTags({ interests: ['hiking', 'nature'] });
    const diner = personaFromTags({ food: ['foodie', 'ramen'] });
    const trail = venueVector(someVenue({ category: 'trail', vibeTags: ['hike', 'wild'] }));
    const ramen = venueVector(someVenue({ category: 'restaurant', vibeTags: ['ramen', 'counter-seating'] }));
    expect(dot(hiker.retrieval, trail)).toBeGreaterThan(dot(hiker.retrieval, ramen));
    expect(dot(diner.retrieval, ramen)).toBeGreaterThan(dot(diner.retrieval, trail));
  });
});

describe('a traveller', () => {
  it('is warm from twenty counting signals on', () => {
    expect(WARM_SIGNALS).toBe(20);
    expect([0, 19, 20, 21].map(isWarm)).toEqual([false, false, true, true]);
  });
});
