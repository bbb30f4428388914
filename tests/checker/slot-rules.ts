/** What must hold of every slot by itself. */
import { weekday } from './clock.ts';
import { falseClaims } from './narrative-claims.ts';
import { type Catalogue, type MealName, openThroughout } from './raw-catalogue.ts';
import type { CheckedBody, ReadSlot, Report } from './trip-under-check.ts';

const NOON = 12 * 60;
const EARLIEST_EVENING = 17 * 60;
const LATEST_AFTERNOON = 18 * 60;
const SHORTEST_SHARE = 0.6;
const LONGEST_SHARE = 1.3;
export const LARGE_PARTY = 6;
export const HIGHEST_PRICE: Record<string, number> = { low: 2, mid: 3, high: 4 };

const MEALS: readonly string[] = ['breakfast', 'lunch', 'dinner'] satisfies MealName[];
export const isMeal = (role: string): role is MealName => MEALS.includes(role);

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** When a slot of each part of the day may start: by the clock, or by the city's own meal times where they are later. */
function dayPartHolds(dayPart: string, from: number, { mealTimes: { lunch, dinner } }: Catalogue): boolean {
  switch (dayPart) {
    case 'morning':
      return from < Math.max(NOON, lunch[0]);
    case 'afternoon':
      return from >= lunch[0] && from < Math.max(LATEST_AFTERNOON, dinner[0]);
    case 'evening':
      return from >= Math.min(EARLIEST_EVENING, dinner[0]);
    default:
      return false;
  }
}

/** `firstMinute`: before it nothing may start on this day. */
export function checkSlot(
  read: ReadSlot,
  date: string,
  firstMinute: number,
  body: CheckedBody,
  catalogue: Catalogue,
  report: Report,
): void {
  const { slot, place, starts, ends, from, to } = read;
  const { categories } = catalogue.vocabulary;
  const category = categories[place.category];

  if (!starts.rightOffset) report('offset', `${slot.starts_at} is no time in ${catalogue.timeZone}`);
  if (!ends.rightOffset) report('offset', `${slot.ends_at} is no time in ${catalogue.timeZone}`);
  if (from < firstMinute || from >= 28 * 60) report('days', `starts at ${slot.starts_at}, on the day ${date}`);
  if (starts.epochMinutes >= ends.epochMinutes) report('order', `ends at ${slot.ends_at}, before it starts`);

  const monday = weekday(date) * 24 * 60;
  if (place.open === null) report('opening-hours', 'the hours are not known');
  else if (!openThroughout(place.open, monday + from, monday + to)) {
    report('opening-hours', `is not open from ${clock(from)} to ${clock(to)} of ${date}`);
  }
  // A night belongs to the day that it began on.
  if (place.closed !== null && place.closed <= date) report('closed', `closed for good on ${place.closed}`);

  const share = (ends.epochMinutes - starts.epochMinutes) / place.minutes;
  if (share < SHORTEST_SHARE || share > LONGEST_SHARE) {
    report('visit-length', `${Math.round(share * 100)}% of the usual ${place.minutes} minutes`);
  }

  if (isMeal(slot.role)) {
    const [earliest, latest] = catalogue.mealTimes[slot.role];
    if (from < earliest || from > latest) report('meal', `${slot.role} at ${clock(from)}`);
    if (!place.meals.includes(slot.role)) report('meal', `serves no ${slot.role}`);
  } else if (slot.role !== 'activity') {
    report('meal', `"${slot.role}" is no role`);
  } else if (category?.meal && !(place.category === 'cafe' && slot.day_part === 'afternoon')) {
    report('meal', `a ${place.category} outside meals`);
  }
  if (!dayPartHolds(slot.day_part, from, catalogue)) report('day-part', `${slot.day_part} at ${clock(from)}`);

  const highest = HIGHEST_PRICE[body.budget];
  if (highest === undefined || place.price > highest) report('budget', `price level ${place.price} on ${body.budget}`);

  const has = (tag: string) => place.tags.includes(tag);
  if (body.party.kind === 'family' && (category?.nightlife || has('adults-only'))) report('party', 'not for families');
  if (body.party.size >= LARGE_PARTY && (has('counter-seating') || has('standing-bar'))) {
    report('party', `no room for ${body.party.size}`);
  }
  for (const problem of falseClaims(slot, place, catalogue.vocabulary)) report('narrative', problem);
}
