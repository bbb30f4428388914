/** Venues as they were known at any time. */
import type { Venue } from '../../../core/venue/venue.ts';

/** A row of `venues`. */
export interface VenueVersionRow {
  venue_id: string;
  version: number;
  city: string;
  catalogue_version: string;
  valid_from: Date;
  /** The row of `activity_nodes` as JSON. */
  record: string;
}

export interface VenueVersion {
  version: number;
  catalogueVersion: string;
  /** Milliseconds since the epoch. */
  validFrom: number;
  city: string;
  venue: Venue;
}

interface NodeRecord extends Omit<Venue, 'location' | 'priceLevel' | 'visitMinutes' | 'vibeTags'> {
  lat: number;
  lng: number;
  price_level: number;
  visit_minutes: number;
  vibe_tags: Venue['vibeTags'];
  tourist_score: number | null;
  local_score: number | null;
  cross_ref_confidence: number | null;
  overrated_flag: boolean;
  first_seen_at: string | null;
  closed_at: string | null;
}

export function venueOf(record: string): Venue {
  const node = JSON.parse(record) as NodeRecord;
  const { id, slug, name, category, neighbourhood, hours, meals, setting, energy, source, version } = node;
  return {
    id,
    slug,
    name,
    category,
    neighbourhood,
    location: { lat: node.lat, lng: node.lng },
    priceLevel: node.price_level,
    hours,
    meals,
    setting,
    visitMinutes: node.visit_minutes,
    energy,
    vibeTags: node.vibe_tags,
    touristScore: node.tourist_score,
    localScore: node.local_score,
    crossRefConfidence: node.cross_ref_confidence,
    overrated: node.overrated_flag,
    source,
    firstSeenAt: node.first_seen_at,
    closedAt: node.closed_at,
    version,
  };
}

/** By venue id, each venue's versions oldest first. */
export class VenueVersions {
  readonly #versions = new Map<string, VenueVersion[]>();

  add(row: VenueVersionRow): void {
    const versions = this.#versions.get(row.venue_id) ?? [];
    versions.push({
      version: row.version,
      catalogueVersion: row.catalogue_version,
      validFrom: row.valid_from.getTime(),
      city: row.city,
      venue: venueOf(row.record),
    });
    versions.sort((a, b) => a.version - b.version);
    this.#versions.set(row.venue_id, versions);
  }

  ids(): IterableIterator<string> {
    return this.#versions.keys();
  }

  /**
   * The version that held at `time` (milliseconds). Before the first one, the first: a venue does not begin to exist when
   * it is catalogued. Null for a venue that is not known.
   */
  at(venueId: string, time: number): VenueVersion | null {
    const versions = this.#versions.get(venueId);
    return versions?.findLast(({ validFrom }) => validFrom <= time) ?? versions?.[0] ?? null;
  }
}
