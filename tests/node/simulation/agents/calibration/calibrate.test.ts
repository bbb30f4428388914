/** A whole run becomes a calibration; what is not whole, or not as it was written, becomes none. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { profilesOf } from '../../../../../cli/calibration/profiles.ts';
import { writeCalibration } from '../../../../../cli/calibration/write.ts';
import { calibrationSchema } from '../../../../../core/arbitration/calibration.ts';
import { calibratedArm } from '../../../../../simulation/agents/calibration/calibrate.ts';
import { ChoiceModelAgent } from '../../../../../simulation/agents/choice-agent.ts';
import { LiveTraveller } from '../../../../../simulation/agents/live-traveller.ts';
import { liveTogether } from '../../../../../simulation/agents/lock-step.ts';
import { pastOf } from '../../../../../simulation/agents/past.ts';
import { llmStandIn } from '../../../../../simulation/agents/recommenders/llm-standin.ts';
import { AGENT_LINEAGE, CHOICE_MODEL_LINEAGE } from '../../../../../simulation/agents/settings.ts';
import { SimCity } from '../../../../../simulation/agents/sim-city.ts';
import { travellerAt } from '../../../../../simulation/agents/traveller.ts';
import { simulation } from '../scene.ts';
import { calibrated, changeRows, sometimesSilent, wholeRun } from './scene.ts';

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a slot of the warm', () => {
  it('says how alike both rankings are: fully where they are one', async () => {
    const one = simulation({ travellers: 12 });
    const cities = one.cities.map((city) => new SimCity(city));
    const agent = new ChoiceModelAgent(7, 0.3);
    const live = Array.from({ length: 12 }, (_, i) => {
      const request = { seed: 7, archetypes: ['A1'], cities: cities.map(({ slug }) => slug) };
      const traveller = travellerAt(request, i);
      return new LiveTraveller(traveller, cities[traveller.trip.city]!, pastOf(traveller, cities, agent, 7));
    });
    const options = { seed: 7, name: 'same', agent, recommender: llmStandIn, reference: llmStandIn };
    const slots = (await liveTogether(live, options)).flatMap((trip) => trip.slots);
    const compared = slots.flatMap(({ reference }) => reference ?? []);
    expect(compared.length).toBeGreaterThan(20);
    for (const { agreement } of compared) expect(agreement).toBe(1);
  });

  it('leaves agreement and top choice of the other side in its row, a cold one nothing', async () => {
    const whole = await wholeRun({ travellers: 8 });
    const rows = lines(await whole.folder.armFile(whole.armName, 'signals.jsonl'));
    const compared = rows.filter(({ context }) => context.agreement);
    expect(compared.length).toBeGreaterThan(20);
    for (const { context } of compared) {
      const { score, same_top, reference, reference_top } = context.agreement;
      expect(Math.abs(score)).toBeLessThanOrEqual(1);
      expect(same_top).toBe(reference_top === context.predicted_top);
      expect(reference).toBe(llmStandIn.version);
    }
    // A cold one may become warm on a long trip; nobody is on the first day.
    const cold = rows.filter(({ context }) => !context.warm && context.day_of_trip === 1);
    expect(cold.length).toBeGreaterThan(5);
    for (const { context } of cold) expect(context.agreement).toBeUndefined();
  });
});

describe('a calibration', () => {
  it('is the same each time, fits its schema, and is written beside the rows', async () => {
    const whole = await wholeRun({ travellers: 60 });
    const found = await calibrated(whole);
    expect(await calibrated(whole)).toEqual(found);
    const paths = await writeCalibration(whole.folder, found);
    const calibration = calibrationSchema.parse(JSON.parse(await readFile(paths[0]!, 'utf8')));
    expect(calibration).toEqual(found.calibration);
    expect(Object.keys(calibration.measured!)).toEqual(['A1', 'A8']);
    const priors = JSON.parse(await readFile(paths[1]!, 'utf8'));
    expect(priors).toMatchObject({ source: CHOICE_MODEL_LINEAGE, archetypes: { A8: { travellers: 30 } } });
  });

  it('has the affinities that the arm has', async () => {
    const whole = await wholeRun();
    const { affinities } = await calibrated(whole);
    const written = lines(await whole.folder.armFile(whole.armName, 'affinity.jsonl'));
    expect(affinities).toEqual(
      written.map(({ archetype, venue_id, affinity, offered, accepted }) => {
        return { archetype, venueId: venue_id, affinity, offered, accepted };
      }),
    );
  });

  it('carries the stand-in, whoever decided, and leaves out what the built-in model decided for an agent', async () => {
    const builtIn = await calibrated(await wholeRun());
    expect(builtIn.calibration.lineage).toEqual([CHOICE_MODEL_LINEAGE, 'llm_standin']);
    expect(builtIn.leftOut).toBe(0);

    const whole = await wholeRun({ agent: 'stub@p1', latentShares: [] }, { agent: sometimesSilent });
    const found = await calibrated(whole);
    expect(found.calibration.lineage).toEqual([AGENT_LINEAGE, 'llm_standin']);
    const rows = lines(await whole.folder.armFile(whole.armName, 'signals.jsonl'));
    const mornings = rows.filter(({ context }) => context.day_part === 'morning');
    expect(found.leftOut).toBe(mornings.length);
    const offered = found.affinities.reduce((sum, one) => sum + one.offered, 0);
    expect(offered).toBe(
      rows.filter((one) => one.source === AGENT_LINEAGE && one.signal_type !== 'slot_linger').length,
    );
  });
});

describe('no calibration is made', () => {
  it('of a run that is not whole', async () => {
    const whole = await wholeRun({ travellers: 2 });
    await expect(calibrated({ ...whole, run: { ...whole.run, state: 'running' } })).rejects.toThrow(/is not whole/);
  });

  it('of rows that were changed, cut short or taken away, and the file is named', async () => {
    const whole = await wholeRun({ travellers: 4 });
    const path = await changeRows(whole, (rows) => rows.with(0, rows[0]!.replace('"rank":', '"rank": ')));
    await expect(calibrated(whole)).rejects.toThrow(`${path} is not as its arm.json says`);
    await changeRows(whole, (rows) => rows.slice(0, -1));
    await expect(calibrated(whole)).rejects.toThrow(path);
  });

  it('of a line that is no row: file, line and field are named', async () => {
    const whole = await wholeRun({ travellers: 4 });
    const path = await changeRows(whole, (rows) => rows.with(2, '{"id": '));
    await expect(calibrated(whole)).rejects.toThrow(`${path}:3 is no JSON`);
    await changeRows(whole, (rows) => rows.with(2, rows[1]!.replace('"slot_', '"card_')));
    await expect(calibrated(whole)).rejects.toThrow(`${path}:3 is no row of a simulation: signal_type`);
  });

  it('of an arm without two sides, or that there is none of', () => {
    const { settings } = simulation({ variants: ['random', 'bpr', 'dlrm', 'hybrid'], latentShares: [0.1, 0.3, 0.5] });
    expect(calibratedArm(settings, undefined)).toBe('dlrm@0.3');
    expect(calibratedArm(settings, 'bpr@0.5')).toBe('bpr@0.5');
    for (const name of ['hybrid@0.3', 'random@0.3', 'dlrm@0.7']) {
      expect(() => calibratedArm(settings, name)).toThrow(`there is no arm "${name}"`);
    }
    expect(() => calibratedArm(simulation().settings, undefined)).toThrow(/none, simulate one/);
  });

  it('with other catalogues than those of the run', async () => {
    const { cities } = simulation();
    expect(() => profilesOf(cities, { tokyo: 'older' })).toThrow(/catalogue older of tokyo: here it is/);
    expect(() => profilesOf(cities, { atlantis: 'v1' })).toThrow(/catalogue v1 of atlantis: there is none here/);
  });
});
