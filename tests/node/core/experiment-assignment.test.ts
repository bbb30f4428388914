/** Who is served by what: by lot, and the same at each request. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignedVersion, type Variant, variantOf } from '../../../core/experiment/assignment.ts';
import { murmur3, stickyUniform } from '../../../core/experiment/sticky-uniform.ts';
import type { ServingVersion } from '../../../core/registry/status.ts';

const actors = Array.from({ length: 20_000 }, (_, i) => `actor-${i}`);
const variants = (...shares: number[]): Variant[] =>
  shares.map((share, i) => ({ name: `v${i}`, model: `dlrm@${i}`, share }));
const counted = (salt: string, of: readonly Variant[]) => {
  const counts = new Map<string | null, number>();
  for (const actor of actors) {
    const name = variantOf(actor, { salt, variants: of })?.name ?? null;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
};

describe('lots', () => {
  it('are those of MurmurHash3', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(murmur3(bytes(''), 0)).toBe(0);
    expect(murmur3(bytes(''), 1)).toBe(0x514e28b7);
    expect(murmur3(bytes('test'), 0x9747b28c)).toBe(0x704b81dc);
    expect(murmur3(bytes('Hello, world!'), 0x9747b28c)).toBe(0x24884cba);
    expect(murmur3(bytes('The quick brown fox jumps over the lazy dog'), 0x9747b28c)).toBe(0x2fa826cd);
  });

  it('are uniform, and those of two keys are unrelated', () => {
    const bins = new Array(20).fill(0);
    let product = 0;
    for (const actor of actors) {
      const [a, b] = [stickyUniform(`a/${actor}`), stickyUniform(`b/${actor}`)];
      bins[Math.floor(a * 20)]++;
      product += (a - 0.5) * (b - 0.5);
    }
    const expected = actors.length / 20;
    const chi2 = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chi2).toBeLessThan(43.8); // 99.9% of 19 degrees
    expect(Math.abs((product / actors.length) * 12)).toBeLessThan(0.025);
  });
});

describe('variants', () => {
  it('get their shares, and whom they leave out is in none', () => {
    const counts = counted('one', variants(0.1, 0.25, 0.4));
    for (const [i, share] of [0.1, 0.25, 0.4].entries()) {
      expect(Math.abs(counts.get(`v${i}`)! / actors.length - share)).toBeLessThan(0.015);
    }
    expect(Math.abs(counts.get(null)! / actors.length - 0.25)).toBeLessThan(0.015);
    expect(counted('two', variants(0.5, 0.5)).has(null)).toBe(false);
  });

  it('keep everybody but those whom changed shares move: from what shrank, or to what grew', () => {
    const share = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 4 }), fc.uuid(), (pairs, actor) => {
        const total = Math.max(...[0, 1].map((side) => pairs.reduce((sum, pair) => sum + pair[side]!, 0)), 1);
        const sides = [0, 1].map((side) => variants(...pairs.map((pair) => pair[side]! / total)));
        const rest = sides.map((of) => 1 - of.reduce((sum, one) => sum + one.share, 0));
        const [before, after] = sides.map((of) => variantOf(actor, { salt: 's', variants: of })?.name ?? null);
        if (before === after) return;
        const shareOf = (name: string | null, side: number) =>
          name === null ? rest[side]! : sides[side]!.find((one) => one.name === name)!.share;
        const shrank = shareOf(before!, 1) < shareOf(before!, 0) + 1e-12;
        const grew = shareOf(after!, 1) > shareOf(after!, 0) - 1e-12;
        expect(shrank || grew).toBe(true);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('grow from 10% to half by those who come: nobody leaves the canary', () => {
    const at = (share: number) =>
      new Set(
        actors.filter((actor) => variantOf(actor, { salt: 'c', variants: variants(1 - share, share) })?.name === 'v1'),
      );
    const [tenth, half] = [at(0.1), at(0.5)];
    expect([...tenth].every((actor) => half.has(actor))).toBe(true);
    expect(Math.abs(half.size / actors.length - 0.5)).toBeLessThan(0.02);
  });
});

describe('the assigned version', () => {
  const row = (name: string, version: string, status: ServingVersion['status']): ServingVersion => {
    return { name, version, status, artifactPath: `${name}/${version}` };
  };
  const serving = [row('dlrm', 'p', 'production'), row('dlrm', 'c', 'canary'), row('bpr', 's', 'shadow')];
  const running = (model: string) => ({
    ...{ id: 'e', salt: 'salt', place: 'dlrm' },
    variants: [
      { name: 'control', model: 'dlrm@p', share: 0.9 },
      { name: 'canary', model, share: 0.1 },
    ],
  });

  it('is production without an experiment, and nothing where there is none', () => {
    expect(assignedVersion('a', 'dlrm', serving, [])).toEqual({ name: 'dlrm', version: 'p', exposure: null });
    expect(assignedVersion('a', 'bpr', serving, [])).toBeNull();
  });

  it('is the canary for its tenth, at each request, and names the exposure of both', () => {
    const of = (actor: string) => assignedVersion(actor, 'dlrm', serving, [running('dlrm@c')])!;
    const canary = actors.filter((actor) => of(actor).version === 'c');
    expect(Math.abs(canary.length / actors.length - 0.1)).toBeLessThan(0.01);
    expect(actors.every((actor) => of(actor).exposure?.experimentId === 'e')).toBe(true);
    expect(of(canary[0]!)).toEqual(of(canary[0]!));
    expect(of(canary[0]!).exposure).toEqual({ experimentId: 'e', variant: 'canary' });
  });

  it('may be a version of another model in the same place, and is production where the variant cannot be had', () => {
    const of = (model: string) =>
      new Set(actors.map((actor) => assignedVersion(actor, 'dlrm', serving, [running(model)])!.name));
    expect(of('bpr@s')).toEqual(new Set(['dlrm', 'bpr']));
    for (const actor of actors.slice(0, 500)) {
      const { version, exposure } = assignedVersion(actor, 'dlrm', serving, [running('dlrm@gone')])!;
      expect(version).toBe('p');
      expect(exposure?.variant ?? 'none').not.toBe('canary');
    }
  });
});
