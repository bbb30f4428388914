import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BUCKETS,
  KINDS,
  MOST_WORDS,
  textBatch,
  textFeatures,
  venueText,
  wordsOf,
} from '../../../models/text-encoder/inputs.ts';

describe('the features of a text', () => {
  test('are these numbers on every machine', () => {
    const { ids, kinds, weights } = textFeatures('Café Lumière');
    expect([...ids.slice(0, 6)]).toMatchInlineSnapshot(`
      [
        15295,
        12820,
        3147,
        12903,
        713,
        12221,
      ]
    `);
    expect([...kinds.slice(0, 7)]).toEqual([0, 0, 0, 0, 1, 1, 2]);
    expect(weights[0]).toBe(Math.fround(1 / Math.sqrt(2)));
    expect(weights[4]).toBe(1);
  });

  test('do not depend on capitals, accents and punctuation', () => {
    expect(textFeatures('Sensō-ji, ASAKUSA!')).toEqual(textFeatures('senso ji asakusa'));
    expect(wordsOf('Joe’s Crème Brûlée — 24/7')).toEqual(['joes', 'creme', 'brulee', '24', '7']);
    expect(wordsOf('東京タワー')).toHaveLength(1);
  });

  test('tell orders of words apart by their pairs alone', () => {
    const [one, other] = [textFeatures('bar wine'), textFeatures('wine bar')];
    const idsOf = ({ ids, kinds }: typeof one, kind: number) => [...ids].filter((_, i) => kinds[i] === kind).sort();
    expect(idsOf(one, 0)).toEqual(idsOf(other, 0));
    expect(idsOf(one, 2)).toEqual(idsOf(other, 2));
    expect(idsOf(one, 1)).not.toEqual(idsOf(other, 1));
  });

  test('lie in the table, weigh one kind as much as its root of the count, and end with the words that are read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const { ids, kinds, weights } = textFeatures(text);
        expect(weights.length).toBe(ids.length);
        for (const [i, id] of ids.entries()) {
          expect(id).toBeGreaterThan(0);
          expect(id).toBeLessThan(BUCKETS);
          expect(kinds[i]).toBeLessThan(KINDS);
        }
        expect(weights.every(Number.isFinite)).toBe(true);
      }),
    );
    const words = Array.from({ length: MOST_WORDS + 50 }, (_, i) => `word${i}`);
    expect(textFeatures(words.join(' '))).toEqual(textFeatures(words.slice(0, MOST_WORDS).join(' ')));
    expect(textFeatures('x'.repeat(1_000_000)).ids.length).toBeLessThan(100);
  });

  test('of nothing are none, and a batch of nothing still has a column', () => {
    expect(textFeatures(' ... ').ids).toHaveLength(0);
    expect(textBatch([textFeatures('')])).toMatchObject({ count: 1, length: 1, ids: Int32Array.of(0) });
  });

  test('stand in the batch under their kind, with zeros after them', () => {
    const [short, long] = [textFeatures('a'), textFeatures('quiet jazz bar')];
    const { length, ids, weights } = textBatch([short, long]);
    expect(length).toBe(long.ids.length);
    expect([...ids.slice(0, length)]).toEqual([...short.ids, ...new Array(length - short.ids.length).fill(0)]);
    for (let kind = 0; kind < KINDS; kind++) {
      const row = weights.slice((KINDS + kind) * length, (KINDS + kind + 1) * length);
      expect([...row]).toEqual([...long.weights].map((weight, i) => (long.kinds[i] === kind ? weight : 0)));
    }
  });
});

test("a venue's text says its name, kind, part of town and tags, and nothing that it lacks", () => {
  const venue = {
    name: 'Bar Lupin',
    category: 'bar',
    neighbourhood: 'Ginza',
    vibeTags: ['literary', 'late-night'],
  } as const;
  expect(venueText(venue)).toBe('Bar Lupin. bar. Ginza. for readers, open late');
  expect(venueText({ ...venue, name: '', vibeTags: [] })).toBe('bar. Ginza');
});
