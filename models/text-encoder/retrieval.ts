/** How well texts find their venue and its tags, beside what needs no training. */
import { Random } from '../../core/experiment/random.ts';
import { VIBE_TAG_NAMES, VIBE_TAGS } from '../../core/venue/vocabulary.ts';
import { type Measured, meanOf } from '../../training/text/measured.ts';
import type { Place } from '../../training/text/places.ts';
import type { Wording } from '../../training/text/tag-wordings.ts';
import { post } from '../../training/text/talk.ts';
import { textFeatures, venueText, wordsOf } from './inputs.ts';

/** Scores of documents for each query: [queries][documents]. */
type Scores = (queries: readonly string[], documents: readonly string[]) => Promise<number[][]>;
export type Encode = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

const K = 10;
const POSTS = 2;

/** Posts about each place that do not name it. */
export function unnamedPosts(
  places: readonly Place[],
  wording: Wording,
  seed: number,
): { text: string; place: number }[] {
  const random = Random.of(seed, `text/queries/${wording}`);
  return places.flatMap((place, i) =>
    Array.from({ length: POSTS }, () => ({
      text: post(place, { wording, named: false, told: 0.7, astray: 0.05 }, random),
      place: i,
    })),
  );
}

/** Places of the right answer, from 0; ties count half of those they tie with. */
function rankOf(scores: ArrayLike<number>, right: number): number {
  let above = 0;
  for (let i = 0; i < scores.length; i++) {
    if (i !== right) above += scores[i]! > scores[right]! ? 1 : scores[i]! === scores[right]! ? 0.5 : 0;
  }
  return above;
}

/** Of each place's own record among all of `documents`, whose first are those of `places`; words known and unknown by half. */
export async function meanReciprocalRank(
  scores: Scores,
  places: readonly Place[],
  documents: readonly Place[],
  seed: number,
): Promise<number> {
  const queries = (['training', 'validation'] as const).flatMap((wording) => unnamedPosts(places, wording, seed));
  const rows = await scores(
    queries.map(({ text }) => text),
    documents.map(({ venue }) => venueText(venue)),
  );
  return queries.reduce((sum, { place }, q) => sum + 1 / (1 + rankOf(rows[q]!, place)), 0) / queries.length;
}

/**
 * Recall at 10 for posts about `test` that do not name it. `venue_...`: the venue's record is among the 10 nearest of
 * all venues' records. `tags_...`: the share of the venue's tags among the 10 tags whose labels are nearest.
 */
export async function retrievalMetrics(
  encode: Encode,
  test: readonly Place[],
  others: readonly Place[],
  seed: number,
): Promise<Record<string, Measured>> {
  const metrics: Record<string, Measured> = {};
  const documents = [...test, ...others].map(({ venue }) => venueText(venue));
  const labels = VIBE_TAG_NAMES.map((tag) => VIBE_TAGS[tag].label);
  const rankers: Record<string, Scores> = { '': byCosine(encode), _bag_of_words: byWords, _untrained_ngrams: byNgrams };
  for (const [words, wording] of [
    ['known_words', 'training'],
    ['new_words', 'test'],
  ] as const) {
    const queries = unnamedPosts(test, wording, seed);
    const texts = queries.map(({ text }) => text);
    for (const [ranker, scores] of Object.entries(rankers)) {
      const toVenues = await scores(texts, documents);
      const toTags = await scores(texts, labels);
      const found = test.map((): number[] => []);
      const tagged = test.map((): number[] => []);
      for (const [q, { place }] of queries.entries()) {
        found[place]!.push(rankOf(toVenues[q]!, place) < K ? 1 : 0);
        const { vibeTags } = test[place]!.venue;
        if (vibeTags.length === 0) continue;
        const near = vibeTags.filter((tag) => rankOf(toTags[q]!, VIBE_TAG_NAMES.indexOf(tag)) < K).length;
        tagged[place]!.push(near / Math.min(K, vibeTags.length));
      }
      const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      metrics[`venue_recall@10_${words}${ranker}`] = meanOf(found.map(mean), seed);
      metrics[`tags_recall@10_${words}${ranker}`] = meanOf(tagged.filter(({ length }) => length > 0).map(mean), seed);
    }
  }
  metrics['venue_recall@10_chance'] = { value: Math.min(1, K / documents.length), interval: null };
  metrics['tags_recall@10_chance'] = { value: Math.min(1, K / labels.length), interval: null };
  return metrics;
}

export function byCosine(encode: Encode): Scores {
  return async (queries, documents) => {
    const right = await encode(documents);
    return (await encode(queries)).map((a) => right.map((b) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)));
  };
}

const byWords: Scores = byTfIdf(wordsOf);
/** The encoder's own features, unlearned. */
const byNgrams: Scores = byTfIdf((text) => [...textFeatures(text).ids]);

/** Cosine of tf-idf (Salton and Buckley 1988: "ltc"), the frequencies those of the documents. */
function byTfIdf(termsOf: (text: string) => readonly (string | number)[]): Scores {
  return async (queries, documents) => {
    const bags = documents.map((text) => countsOf(termsOf(text)));
    const frequency = new Map<string | number, number>();
    for (const bag of bags) for (const term of bag.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
    const weigh = (bag: ReadonlyMap<string | number, number>) => {
      const weights = [...bag].flatMap(([term, n]): [string | number, number][] => {
        const containing = frequency.get(term);
        return containing ? [[term, (1 + Math.log(n)) * Math.log(1 + documents.length / containing)]] : [];
      });
      const length = Math.sqrt(weights.reduce((sum, [, w]) => sum + w * w, 0)) || 1;
      return new Map(weights.map(([term, w]) => [term, w / length]));
    };
    const postings = new Map<string | number, [document: number, weight: number][]>();
    for (const [document, bag] of bags.entries()) {
      for (const [term, weight] of weigh(bag)) postings.set(term, [...(postings.get(term) ?? []), [document, weight]]);
    }
    return queries.map((text) => {
      const scores = new Array<number>(documents.length).fill(0);
      for (const [term, weight] of weigh(countsOf(termsOf(text)))) {
        for (const [document, own] of postings.get(term) ?? []) scores[document]! += weight * own;
      }
      return scores;
    });
  };
}

function countsOf<T>(terms: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
