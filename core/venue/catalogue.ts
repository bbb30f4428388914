/** The format of `data/cities/*.json` and of the mention corpora beside them, and every rule that they must keep. */
import { z } from 'zod';
import { MENTION_SOURCES, type Mentions } from '../source/mention-scores.ts';
import { parseClock, parseHours } from './opening-hours.ts';
import { MEALS, SETTINGS, type Venue } from './venue.ts';
import { CATEGORY_NAMES, VIBE_TAG_NAMES } from './vocabulary.ts';

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be kebab-case');

const clock = z.string().refine((text) => {
  try {
    parseClock(text);
    return true;
  } catch {
    return false;
  }
}, 'must be a time of day, such as "09:30"');

const hours = z.union([z.literal('always'), z.record(z.string(), z.string())]).transform((notation, ctx) => {
  try {
    return parseHours(notation);
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: (error as RangeError).message });
    return z.NEVER;
  }
});

const venueEntry = z.strictObject({
  slug,
  name: z.string().min(1).max(120),
  neighbourhood: z.string().min(1).max(80),
  category: z.enum(CATEGORY_NAMES),
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
  price: z.int().min(0).max(4),
  hours: hours.optional(),
  meals: z.array(z.enum(MEALS)).optional(),
  setting: z.enum(SETTINGS),
  minutes: z.int().min(15).max(300),
  energy: z.number().min(0).max(1),
  /** Year, month or day. */
  first_seen: z
    .string()
    .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'must be a year, a month or a date')
    .optional(),
  closed: z.iso.date().optional(),
  tags: z.array(z.enum(VIBE_TAG_NAMES)).min(1).max(10),
});

const mealWindow = z.tuple([clock, clock]);

const cityFile = z.strictObject({
  slug,
  name: z.string().min(1),
  country: z.string().length(2),
  time_zone: z.string().refine(isTimeZone, 'must be an IANA time zone'),
  currency: z.string().length(3),
  centre: z.strictObject({ lat: z.number(), lng: z.number() }),
  bounds: z.strictObject({ south: z.number(), west: z.number(), north: z.number(), east: z.number() }),
  /** When people sit down to each meal there. */
  meal_times: z.strictObject({ breakfast: mealWindow, lunch: mealWindow, dinner: mealWindow }),
  venues: z.array(venueEntry),
});

const corpusFile = z.strictObject({
  corpus: z.string().min(1),
  /** Says what the corpus is, in words. */
  notice: z.string().min(1),
  mentions: z.record(slug, z.partialRecord(z.enum(MENTION_SOURCES), z.int().min(0))),
});

export type CityFile = z.infer<typeof cityFile>;
export type CatalogueVenue = z.infer<typeof venueEntry>;

export interface Catalogue {
  city: CityFile;
  corpus: string;
  mentions: Readonly<Record<string, Mentions>>;
}

/** Everything that is wrong with a catalogue, each problem with the place it stands at (`venues[3] pike-place: ...`). */
export class CatalogueProblems extends Error {
  override readonly name = 'CatalogueProblems';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function schemaProblems(what: string, error: z.ZodError): string[] {
  return error.issues.map((issue) => `${what} ${issue.path.join('.') || '(whole file)'}: ${issue.message}`);
}

/** Coordinates closer than this with the same name are one place written twice. */
const SAME_PLACE_DEGREES = 0.001;

function venueProblems({ bounds, venues }: CityFile): string[] {
  const problems: string[] = [];
  const slugs = new Map<string, number>();
  const names = new Map<string, number>();
  venues.forEach((venue, i) => {
    const at = `venues[${i}] ${venue.slug}`;
    const sameSlug = slugs.get(venue.slug);
    if (sameSlug !== undefined) problems.push(`${at}: duplicate slug, also venues[${sameSlug}]`);
    slugs.set(venue.slug, i);

    const name = venue.name.toLocaleLowerCase('en');
    const sameName = names.get(name);
    const other = sameName === undefined ? undefined : venues[sameName];
    if (
      other &&
      Math.abs(other.lat - venue.lat) < SAME_PLACE_DEGREES &&
      Math.abs(other.lng - venue.lng) < SAME_PLACE_DEGREES
    ) {
      problems.push(`${at}: duplicate of venues[${sameName}] ${other.slug} (same name, same place)`);
    }
    names.set(name, i);

    if (venue.lat < bounds.south || venue.lat > bounds.north || venue.lng < bounds.west || venue.lng > bounds.east) {
      problems.push(`${at}: ${venue.lat}, ${venue.lng} lies outside the city's bounds`);
    }
    if (new Set(venue.tags).size < venue.tags.length) problems.push(`${at}: a tag is given twice`);
  });
  return problems;
}

/**
 * A city's file and its corpus, checked: schema, duplicates, coordinates inside the city, known tags, mentions only of
 * venues that exist. Throws `CatalogueProblems` with all that is wrong.
 */
export function readCatalogue(city: unknown, corpus: unknown): Catalogue {
  const parsedCity = cityFile.safeParse(city);
  const parsedCorpus = corpusFile.safeParse(corpus);
  if (!parsedCity.success || !parsedCorpus.success) {
    throw new CatalogueProblems([
      ...(parsedCity.success ? [] : schemaProblems('city', parsedCity.error)),
      ...(parsedCorpus.success ? [] : schemaProblems('corpus', parsedCorpus.error)),
    ]);
  }
  const known = new Set(parsedCity.data.venues.map((venue) => venue.slug));
  const problems = venueProblems(parsedCity.data);
  for (const mentioned of Object.keys(parsedCorpus.data.mentions)) {
    if (!known.has(mentioned)) problems.push(`corpus mentions.${mentioned}: the city has no such venue`);
  }
  if (problems.length > 0) throw new CatalogueProblems(problems);
  return { city: parsedCity.data, corpus: parsedCorpus.data.corpus, mentions: parsedCorpus.data.mentions };
}

/** The first day that a year, a month or a date names. */
export function firstDay(partial: string): string {
  return `${partial}-01-01`.slice(0, 10);
}

/** A catalogue entry as the record that the rest of the core reads, without its scores. */
export function venueFromCatalogue(
  entry: CatalogueVenue,
  id: string,
): Omit<Venue, 'touristScore' | 'localScore' | 'crossRefConfidence' | 'overrated'> {
  return {
    id,
    slug: entry.slug,
    name: entry.name,
    category: entry.category,
    neighbourhood: entry.neighbourhood,
    location: { lat: entry.lat, lng: entry.lng },
    priceLevel: entry.price,
    hours: entry.hours ?? null,
    meals: entry.meals ?? [],
    setting: entry.setting,
    visitMinutes: entry.minutes,
    energy: entry.energy,
    vibeTags: [...entry.tags].sort(),
    source: 'catalogue',
    firstSeenAt: entry.first_seen ? firstDay(entry.first_seen) : null,
    closedAt: entry.closed ?? null,
    version: 1,
  };
}
