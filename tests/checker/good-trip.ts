/** A small invented city and a trip there that keeps every rule, to be broken on purpose. */
import { catalogueOf, type RawCity } from './raw-catalogue.ts';
import type { CheckedBody, CheckedRequest, CheckedSlot } from './trip-under-check.ts';

type Venue = RawCity['venues'][number];

/** Places stand 445 m apart, one north of the other. */
function place(row: number, name: string, category: string, rest: Partial<Venue>): Venue {
  return {
    name,
    neighbourhood: 'Northside',
    category,
    lat: Number((47.6 + 0.004 * row).toFixed(4)),
    lng: -122.33,
    price: 1,
    minutes: 60,
    setting: 'indoor',
    tags: ['quiet'],
    hours: 'always',
    ...rest,
  };
}

export const CITY: RawCity = {
  slug: 'seattle',
  time_zone: 'America/Los_Angeles',
  meal_times: { breakfast: ['07:30', '10:30'], lunch: ['11:30', '14:00'], dinner: ['17:30', '20:30'] },
  venues: [
    place(0, 'Alder Coffee', 'cafe', { minutes: 30, meals: ['breakfast'], hours: { daily: '07:00-18:00' } }),
    place(1, 'Birch Museum', 'museum', { minutes: 90, hours: { 'tue-sun': '10:00-17:00' }, first_seen: '1931-05' }),
    place(2, 'Cedar Noodles', 'restaurant', {
      meals: ['lunch', 'dinner'],
      hours: { daily: '11:30-14:30, 17:00-21:00' },
    }),
    place(3, 'Dogwood Park', 'park', { price: 0, setting: 'outdoor', tags: ['green'] }),
    place(4, 'Elm Kitchen', 'restaurant', {
      price: 2,
      meals: ['dinner'],
      hours: { 'mon,wed-sun': '17:00-22:00' },
      tags: ['italian'],
    }),
    place(5, 'Fir Tavern', 'bar', { hours: { 'wed-sun': '20:00-02:00' }, tags: ['lively'] }),
    place(6, 'Grove Bakery', 'bakery', { minutes: 30, meals: ['breakfast'] }),
    place(7, 'Hazel Garden', 'garden', { setting: 'outdoor' }),
    place(8, 'Ivy Tacos', 'street_food', { meals: ['lunch'] }),
    place(9, 'Juniper Books', 'bookshop', {}),
    place(10, 'Katsura Sushi', 'restaurant', { meals: ['dinner'], tags: ['sushi'] }),
    place(11, 'Larch Hall', 'museum', { minutes: 60 }),
  ],
};

export const REQUEST: CheckedRequest = {
  city: 'seattle',
  start_date: '2027-03-13',
  days: 2,
  party: { size: 2, kind: 'couple' },
  budget: 'low',
};

function slot(order: number, name: string, role: string, part: string, from: string, to: string): CheckedSlot {
  const row = CITY.venues.findIndex((venue) => venue.name === name);
  const venue = CITY.venues[row]!;
  return {
    order,
    day_part: part,
    role,
    starts_at: from,
    ends_at: to,
    travel_from_previous: order === 1 ? null : { mode: 'walk', minutes: 8, metres: 580 },
    venue: {
      id: `00000000-0000-5000-8000-0000000000${String(row).padStart(2, '0')}`,
      name,
      category: venue.category,
      neighbourhood: venue.neighbourhood,
      location: { lat: venue.lat, lng: venue.lng },
      price_level: venue.price,
      vibe_tags: venue.tags,
    },
    narrative: `${role === 'activity' ? part : role} is at ${name}, in Northside.`,
    status: 'proposed',
  };
}

/** The weekend on which clocks go forward; the first night runs into the small hours before they do. */
export function goodTrip(): CheckedBody {
  const saturday = (time: string) => `2027-03-13T${time}:00-08:00`;
  const sunday = (time: string) => `2027-03-14T${time}:00-07:00`;
  return {
    city: 'seattle',
    start_date: '2027-03-13',
    end_date: '2027-03-14',
    party: { size: 2, kind: 'couple' },
    budget: 'low',
    days: [
      {
        day: 1,
        date: '2027-03-13',
        notes: [],
        slots: [
          slot(1, 'Alder Coffee', 'breakfast', 'morning', saturday('08:30'), saturday('09:00')),
          slot(2, 'Birch Museum', 'activity', 'morning', saturday('10:00'), saturday('11:30')),
          slot(3, 'Cedar Noodles', 'lunch', 'afternoon', saturday('12:00'), saturday('13:00')),
          slot(4, 'Dogwood Park', 'activity', 'afternoon', saturday('14:00'), saturday('15:00')),
          slot(5, 'Elm Kitchen', 'dinner', 'evening', saturday('18:00'), saturday('19:00')),
          slot(6, 'Fir Tavern', 'activity', 'evening', saturday('23:30'), '2027-03-14T00:30:00-08:00'),
        ],
      },
      {
        day: 2,
        date: '2027-03-14',
        notes: [],
        slots: [
          slot(1, 'Grove Bakery', 'breakfast', 'morning', sunday('08:30'), sunday('09:00')),
          slot(2, 'Hazel Garden', 'activity', 'morning', sunday('10:00'), sunday('11:00')),
          slot(3, 'Ivy Tacos', 'lunch', 'afternoon', sunday('12:00'), sunday('13:00')),
          slot(4, 'Juniper Books', 'activity', 'afternoon', sunday('14:00'), sunday('15:00')),
          slot(5, 'Katsura Sushi', 'dinner', 'evening', sunday('18:00'), sunday('19:00')),
        ],
      },
    ],
  };
}

/** The city with some places changed, by name. */
export function cityWith(changes: Record<string, Partial<Venue>>): RawCity {
  return { ...CITY, venues: CITY.venues.map((venue) => ({ ...venue, ...changes[venue.name] })) };
}

export const CATALOGUE = catalogueOf(CITY);
