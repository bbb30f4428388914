import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MENTION_SOURCES, type Mentions, scoreMentions } from '../../../core/source/mention-scores.ts';
import { catalogueOf, SEEDED_SLUGS } from './fixtures/venues.ts';

const anyMentions: fc.Arbitrary<Mentions> = fc.record(
  Object.fromEntries(MENTION_SOURCES.map((source) => [source, fc.integer({ min: 0, max: 200 })])),
  { requiredKeys: [] },
);
const spoken = (mentions: Mentions) => Object.values(mentions).some((count) => count > 0);
const scores = (mentions: Mentions) => scoreMentions(mentions)!;

describe('the scores of a venue', () => {
  it('do not exist where nothing speaks of it', () => {
    expect(scoreMentions({})).toBeNull();
    expect(scoreMentions({ local_forum: 0, avoid: 0 })).toBeNull();
  });

  it('lie in [0, 1]', () => {
    fc.assert(
      fc.property(anyMentions.filter(spoken), (mentions) => {
        const { touristScore, localScore, crossRefConfidence } = scores(mentions);
        for (const score of [touristScore, localScore, crossRefConfidence]) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('rise with mentions: tourist sources raise the tourist score, local ones the local score, warnings lower it', () => {
    fc.assert(
      fc.property(
        anyMentions.filter(spoken),
        fc.constantFrom(...MENTION_SOURCES),
        fc.integer({ min: 1, max: 50 }),
        (mentions, source, more) => {
          const [before, after] = [scores(mentions), scores({ ...mentions, [source]: (mentions[source] ?? 0) + more })];
          const ofTourists = source === 'tourist_aggregator' || source === 'travel_guide';
          if (ofTourists) {
            expect(after.touristScore).toBeGreaterThan(before.touristScore);
            expect(after.localScore).toBe(before.localScore);
          } else if (source === 'avoid') {
            expect(after.localScore).toBeLessThanOrEqual(before.localScore);
            expect(after.touristScore).toBe(before.touristScore);
          } else {
            expect(after.localScore).toBeGreaterThan(before.localScore - 1e-12);
            expect(after.touristScore).toBe(before.touristScore);
          }
          if (source !== 'avoid') expect(after.crossRefConfidence).toBeGreaterThan(before.crossRefConfidence);
        },
      ),
    );
  });

  it('trust a place more that several kinds of sources speak of', () => {
    const one = scores({ local_forum: 40 }).crossRefConfidence;
    const four = scores({
      local_forum: 10,
      local_press: 10,
      travel_guide: 10,
      tourist_aggregator: 10,
    }).crossRefConfidence;
    expect(four).toBeGreaterThan(3 * one);
  });
});

describe('the overrated detector', () => {
  it('flags a tourist trap: tourists flock, locals stay away', () => {
    expect(scores({ tourist_aggregator: 90, travel_guide: 15, local_forum: 3, local_press: 1 }).overrated).toBe(true);
  });

  it('flags a place that local sources keep warning of', () => {
    expect(scores({ local_forum: 5, avoid: 4 }).overrated).toBe(true);
  });

  it('does not flag a beloved institution, however many tourists it has', () => {
    expect(
      scores({ tourist_aggregator: 98, travel_guide: 25, local_forum: 26, local_press: 13, avoid: 5 }).overrated,
    ).toBe(false);
  });

  it('does not flag a place for one or two warnings, nor one that hardly anyone knows', () => {
    expect(scores({ local_forum: 2, avoid: 2 }).overrated).toBe(false);
    expect(scores({ tourist_aggregator: 2 }).overrated).toBe(false);
  });

  it('is never brought on by praise of locals, never taken away by warnings', () => {
    fc.assert(
      fc.property(anyMentions.filter(spoken), fc.integer({ min: 1, max: 50 }), (mentions, more) => {
        const { overrated } = scores(mentions);
        const praised = scores({ ...mentions, local_forum: (mentions.local_forum ?? 0) + more });
        const warned = scores({ ...mentions, avoid: (mentions.avoid ?? 0) + more });
        if (!overrated) expect(praised.overrated).toBe(false);
        if (overrated) expect(warned.overrated).toBe(true);
      }),
    );
  });

  it('finds some places in every real city, and few', () => {
    for (const slug of SEEDED_SLUGS) {
      const { city, mentions } = catalogueOf(slug);
      const flagged = city.venues.filter((venue) => scoreMentions(mentions[venue.slug] ?? {})?.overrated).length;
      expect(flagged, slug).toBeGreaterThan(0);
      expect(flagged / city.venues.length, slug).toBeLessThan(0.2);
    }
  });

  it('tells the first Starbucks from Pike Place Market', () => {
    const { mentions } = catalogueOf('seattle');
    expect(scores(mentions['starbucks-pike-place']!).overrated).toBe(true);
    expect(scores(mentions['pike-place-market']!).overrated).toBe(false);
  });
});
