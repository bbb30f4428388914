import { describe, expect, it } from 'vitest';
import { call, inDays, newGuest } from './client.ts';
import { slotsOf, type TripShape } from './trip-shape.ts';

const { token } = await newGuest();
const { body } = await call('POST', '/trips', { token, json: { city: 'mexico-city', start_date: inDays(), days: 2 } });
const trip: TripShape = body;

/** Content lines of RFC 5545: unfolded, split into name with parameters and value, in blocks. */
function readCalendar(text: string) {
  expect(text).toMatch(/\r\n$/);
  for (const line of text.split('\r\n')) {
    expect(line).not.toMatch(/[\r\n]/);
    expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  }
  const lines = text
    .replace(/\r\n[ \t]/g, '')
    .split('\r\n')
    .slice(0, -1);
  const events: Record<string, string>[] = [];
  const calendar: Record<string, string> = {};
  let current = calendar;
  for (const line of lines) {
    const match = /^([A-Z-]+)((?:;[^:]*)?):(.*)$/.exec(line);
    expect(match, line).not.toBeNull();
    const [, name = '', , value = ''] = match ?? [];
    if (line === 'BEGIN:VEVENT') current = {};
    else if (line === 'END:VEVENT') {
      events.push(current);
      current = calendar;
    } else current[name] = value;
  }
  return { lines, calendar, events };
}

const unescaped = (value = '') => value.replace(/\\n/g, '\n').replace(/\\([,;\\])/g, '$1');
const instant = (value = '') =>
  Date.parse(value.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

describe('the calendar of a trip', async () => {
  const answer = await call('GET', `/trips/${trip.id}.ics`, { token });
  const { lines, calendar, events } = readCalendar(answer.text);

  it('is a file that a calendar opens', () => {
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="mexico-city-${trip.start_date}.ics"`);
    expect(answer.headers.get('x-model-version')).toBe(trip.ranking.model_version);
    expect([lines[0], lines.at(-1)]).toEqual(['BEGIN:VCALENDAR', 'END:VCALENDAR']);
    expect(calendar).toMatchObject({ VERSION: '2.0', PRODID: expect.stringContaining('Overplanned') });
  });

  it('has one event a slot, in UTC, with what is there and where', () => {
    expect(events).toHaveLength(slotsOf(trip).length);
    for (const slot of slotsOf(trip)) {
      const event = events.find(({ UID }) => UID?.startsWith(slot.id));
      expect(instant(event?.DTSTART)).toBe(Date.parse(slot.starts_at));
      expect(instant(event?.DTEND)).toBe(Date.parse(slot.ends_at));
      expect(event?.DTSTAMP).toMatch(/^\d{8}T\d{6}Z$/);
      expect(unescaped(event?.SUMMARY)).toBe(slot.venue.name);
      expect(unescaped(event?.DESCRIPTION)).toBe(slot.narrative);
      expect(event?.GEO?.split(';').map(Number)).toEqual([slot.venue.location.lat, slot.venue.location.lng]);
    }
  });

  it('leaves out what was skipped, and counts up so that a calendar takes the change', async () => {
    const [slot] = slotsOf(trip);
    await call('PATCH', `/trips/${trip.id}/slots/${slot?.id}`, { token, json: { action: 'skip' } });
    const after = readCalendar((await call('GET', `/trips/${trip.id}.ics`, { token })).text);
    expect(after.events).toHaveLength(events.length - 1);
    expect(Number(after.events[0]?.SEQUENCE)).toBeGreaterThan(Number(events[0]?.SEQUENCE));
    await call('PATCH', `/trips/${trip.id}/slots/${slot?.id}`, { token, json: { action: 'accept' } });
  });
});

describe('the map of a trip', () => {
  it('is GeoJSON: a point a slot as lng, lat, and the line of each day through them', async () => {
    const answer = await call('GET', `/trips/${trip.id}.geojson`, { token });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/geo+json; charset=utf-8');
    expect(answer.body.type).toBe('FeatureCollection');
    interface Feature {
      type: string;
      geometry: { type: string; coordinates: unknown };
      properties: Record<string, unknown>;
    }
    const features = answer.body.features as Feature[];
    expect(features.every(({ type }) => type === 'Feature')).toBe(true);
    const points = features.filter(({ geometry }) => geometry.type === 'Point');
    const lines = features.filter(({ geometry }) => geometry.type === 'LineString');
    expect(points.length + lines.length).toBe(features.length);
    const at = ({ venue }: TripShape['days'][number]['slots'][number]) => [venue.location.lng, venue.location.lat];
    expect(points.map(({ geometry, properties }) => [properties.venue_id, geometry.coordinates])).toEqual(
      slotsOf(trip).map((slot) => [slot.venue.id, at(slot)]),
    );
    expect(lines.map(({ geometry, properties }) => [properties.day, geometry.coordinates])).toEqual(
      trip.days.map(({ day, slots }) => [day, slots.map(at)]),
    );
  });
});
