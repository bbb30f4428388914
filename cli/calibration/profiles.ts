/** What the venues of a run offer to each dimension, from the project's own catalogues. */
import type { Venue } from '../../core/venue/venue.ts';
import type { Profiles } from '../../simulation/agents/calibration/priors.ts';
import { BadSettings } from '../../simulation/agents/settings.ts';
import { profileOf } from '../../simulation/agents/venue-profile.ts';
import type { ShadowCity } from '../../simulation/shadow/settings.ts';

/** @throws BadSettings naming what differs, where the run was made with other catalogues */
export function profilesOf(cities: readonly ShadowCity[], catalogues: Readonly<Record<string, string>>): Profiles {
  const venues = new Map<string, Venue>();
  for (const [slug, version] of Object.entries(catalogues)) {
    const city = cities.find((one) => one.slug === slug);
    if (city?.catalogueVersion !== version) {
      const here = city ? `here it is ${city.catalogueVersion}` : 'there is none here';
      throw new BadSettings(`the run was made with catalogue ${version} of ${slug}: ${here}. Simulate it again.`);
    }
    for (const venue of city.venues) venues.set(venue.id, venue);
  }
  return (venueId) => {
    const venue = venues.get(venueId);
    return venue ? profileOf(venue) : null;
  };
}
