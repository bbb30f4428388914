import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { certificate, toJson } from '../../../../cli/certificate/certificate.ts';
import { toPage } from '../../../../cli/certificate/page.ts';
import { readVisitsFile } from '../../../../cli/certificate/real-visits.ts';
import { simulation, temporaryFolder } from '../agents/scene.ts';
import { wanderers } from './worlds.ts';

const CLI = fileURLToPath(new URL('../../../../cli/overplanned.ts', import.meta.url));

const made = () =>
  certificate({
    simulation: simulation({ travellers: 12, seed: 3 }),
    latentShare: 0.3,
    visits: wanderers(40, 6),
    missing: '',
    codeRevision: 'test',
    createdAt: '2026-01-01T00:00:00.000Z',
  });

describe('a certificate', () => {
  it('is the same for the same seed, says no to what wanderers refute, and stands on one page by itself', async () => {
    const [one, again] = [await made(), await made()];
    expect(JSON.stringify(toJson(again))).toBe(JSON.stringify(toJson(one)));
    const answers = one.verdicts.map(({ answer }) => answer);
    expect(answers).toEqual(['yes', 'no', 'no', 'no', expect.stringMatching(/yes|no/)]);
    const page = toPage(one);
    expect(page).not.toMatch(/<script|https?:|undefined|NaN/);
    for (const { use } of one.verdicts) expect(page).toContain(use);
    for (const limit of one.limits) expect(page).toContain(limit.replaceAll("'", '&#39;'));
  });
});

describe('a file of visits', () => {
  it('is read as trips of a tourist, 8 hours apart or more, with the categories that it names', async () => {
    const file = join(await temporaryFolder(), 'visits.csv');
    const rows = ['u,a,1700000000,museum', 'u,a,1700000100,museum', 'u,b,1700003600,Beach', 'u,c,1700086400,park'];
    await writeFile(file, ['user,item,timestamp,category', ...rows, 'v,a,1700000000,museum'].join('\n'));
    const { places, trips, tourists } = await readVisitsFile(file);
    const named = trips.map(({ tourist, visits }) => [tourist, [...visits].map((place) => places[place]!.id).join('')]);
    expect(named).toEqual([
      [0, 'ab'],
      [0, 'c'],
      [1, 'a'],
    ]);
    expect(tourists).toBe(2);
    expect(places.map(({ category }) => category)).toEqual(['museum', 'beach', 'park']);
    await writeFile(file, 'user,item,timestamp,category\nu,a,1700000000,spaceport\nv,b,1700000000,park');
    await expect(readVisitsFile(file)).rejects.toThrow(/visits.csv:2 \(category\): there is no category "spaceport"/);
    await writeFile(file, 'user,item,timestamp,category\nu,a,1700000000,park\nv,a,1700000000,museum\nv,b,1,park');
    await expect(readVisitsFile(file)).rejects.toThrow(/visits.csv:3 \(category\): item a was a park before/);
    await writeFile(file, 'user,item,timestamp\nu,a,1700000000\nv,b,yesterday');
    await expect(readVisitsFile(file)).rejects.toThrow(/visits.csv:3 \(timestamp\): "yesterday" is no number/);
  });
});

describe('overplanned certify', () => {
  it('skips what needs real visits where there are none, and says so', async () => {
    const out = await temporaryFolder();
    const args = [CLI, 'certify', '--data', join(out, 'nowhere'), '--out', out];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect(stderr).toContain('no real visits');
    expect(stdout).toContain('UNKNOWN: Predicting where a real traveller goes');
    const { parts, verdicts, real } = JSON.parse(await readFile(join(out, 'certificate.json'), 'utf8'));
    expect(real).toBeNull();
    expect(parts.leakage.state).toBe('measured');
    for (const name of ['discrimination', 'two_sample', 'acceptance', 'variant_order']) {
      expect(parts[name]).toMatchObject({ state: 'skipped', why: expect.stringContaining('no real visits') });
    }
    expect(verdicts.map(({ answer }: { answer: string }) => answer)).toEqual([
      'yes',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(await readFile(join(out, 'certificate.html'), 'utf8')).toContain('Skipped: no real visits');
  });
});
