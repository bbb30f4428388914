/** What must hold between the slots of one day. */
import type { Catalogue, MealName } from './raw-catalogue.ts';
import { HIGHEST_PRICE, isMeal } from './slot-rules.ts';
import type { CheckedBody, ReadSlot, Report, Rule } from './trip-under-check.ts';

const FASTEST_KMH: Record<string, number> = { walk: 5.5, transit: 30 };
const MOST_OF_A_CATEGORY = 2;
const ONCE_A_DAY = ['cafe', 'dessert', 'museum', 'bathhouse', 'zoo_aquarium'];
const NOTES =
  /^(no_feasible_(breakfast|lunch|dinner|activity|morning|afternoon|evening)|nothing_feasible|day_already_over)$/;

interface Point {
  lat: number;
  lng: number;
}

/** The great circle, by the haversine formula. */
export function greatCircleMetres(a: Point, b: Point): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const across = Math.sin(radians(b.lat - a.lat) / 2) ** 2;
  const along = Math.sin(radians(b.lng - a.lng) / 2) ** 2;
  const h = across + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * along;
  return 2 * 6_371_000 * Math.asin(Math.sqrt(h));
}

type SlotReport = (slot: ReadSlot, rule: Rule, message: string) => void;

function checkTravel(read: ReadSlot, before: ReadSlot | undefined, start: Point | null, report: Report): void {
  const travel = read.slot.travel_from_previous;
  const origin = before?.place ?? start;
  if (!origin) {
    if (travel) report('travel', 'a way from nowhere');
    return;
  }
  if (!travel) {
    report('travel', 'no way from what comes before');
    return;
  }
  const { mode, minutes, metres } = travel;
  const fastest = FASTEST_KMH[mode];
  if (fastest === undefined) report('travel', `"${mode}" is no mode`);
  else if (metres / 1000 > (fastest * minutes) / 60) report('travel', `${metres} m by ${mode} in ${minutes} minutes`);
  // Coordinates in a catalogue have four decimals: a few metres either way.
  const straight = greatCircleMetres(origin, read.place);
  if (metres < straight * 0.995 - 5) report('travel', `${metres} m, but ${Math.round(straight)} m as the crow flies`);
  if (before && read.starts.epochMinutes - before.ends.epochMinutes < minutes) {
    report('travel', `${read.starts.epochMinutes - before.ends.epochMinutes} minutes for a way of ${minutes}`);
  }
}

function checkVariety(slots: readonly ReadSlot[], report: SlotReport): void {
  const seen = new Map<string, number>();
  slots.forEach((read, i) => {
    if (read.slot.role !== 'activity') return;
    const { category } = read.place;
    const before = slots[i - 1];
    if (before?.slot.role === 'activity' && before.place.category === category) {
      report(read, 'variety', `${category} twice in a row`);
    }
    const times = (seen.get(category) ?? 0) + 1;
    seen.set(category, times);
    const most = ONCE_A_DAY.includes(category) ? 1 : MOST_OF_A_CATEGORY;
    if (times > most) report(read, 'variety', `${category} ${times} times in a day`);
  });
}

/** On low and mid budgets a day holds one place of the highest level that the budget allows. */
function checkSpending(slots: readonly ReadSlot[], budget: string, report: SlotReport): void {
  if (budget === 'high') return;
  const dearest = slots.filter(({ place }) => place.price === HIGHEST_PRICE[budget]);
  for (const read of dearest.slice(1))
    report(read, 'budget', `${dearest.length} of level ${read.place.price} in a day`);
}

/** Lunch and dinner are there, or a note says that they are not; a note contradicts nothing. */
function checkCompleteness(
  { slots, notes }: CheckedBody['days'][number],
  firstMinute: number,
  { mealTimes }: Catalogue,
  report: Report,
): void {
  const roles = slots.map((slot) => slot.role);
  for (const note of notes) if (!NOTES.test(note)) report('completeness', `note "${note}"?`);
  const empty = notes.includes('nothing_feasible') || notes.includes('day_already_over');
  if (empty !== (slots.length === 0))
    report('completeness', `${slots.length} slots, notes: ${notes.join(', ') || 'none'}`);
  for (const meal of Object.keys(mealTimes) as MealName[]) {
    const times = roles.filter((role) => role === meal).length;
    const excused = notes.includes(`no_feasible_${meal}`);
    if (times > 1) report('completeness', `${meal} ${times} times`);
    if (times > 0 && excused) report('completeness', `${meal} is there, and a note says that it is not`);
    const over = mealTimes[meal][1] < firstMinute;
    if (meal !== 'breakfast' && times === 0 && !excused && !empty && !over)
      report('completeness', `no ${meal}, no note`);
  }
  for (const dayPart of ['morning', 'afternoon']) {
    const there = slots.some((slot) => !isMeal(slot.role) && slot.day_part === dayPart);
    if (there && notes.includes(`no_feasible_${dayPart}`)) {
      report('completeness', `something for the ${dayPart} is there, and a note says that there is not`);
    }
  }
}

/** `slots`: those that stand, in the order of the body. `start`: where the day begins, null where that is not known. */
export function checkDay(
  day: CheckedBody['days'][number],
  slots: readonly ReadSlot[],
  start: Point | null,
  firstMinute: number,
  budget: string,
  catalogue: Catalogue,
  reportDay: Report,
  reportSlot: SlotReport,
): void {
  day.slots.forEach((slot, i) => {
    if (!(slot.order > (day.slots[i - 1]?.order ?? 0)))
      reportDay('order', `slot ${slot.order} stands at place ${i + 1}`);
  });
  slots.forEach((read, i) => {
    const before = slots[i - 1];
    if (before && read.starts.epochMinutes < before.ends.epochMinutes) {
      reportSlot(read, 'order', `starts before ${before.place.name} ends`);
    }
    checkTravel(read, before, start, (rule, message) => reportSlot(read, rule, message));
  });
  checkVariety(slots, reportSlot);
  checkSpending(slots, budget, reportSlot);
  checkCompleteness(day, firstMinute, catalogue, reportDay);
}
