/** Onboarding with a language model: it describes the traveller and nudges the dimensions; it never decides. */
import { expect, it } from 'vitest';
import { dimensionsFromTags } from '../../../core/persona/onboarding.ts';
import type { Behaviour } from '../../stand-ins/messages-api.ts';
import { call } from './client.ts';
import { startMessagesApi } from './stand-ins.ts';
import { usageOf } from './stored.ts';

const messages = await startMessagesApi();

async function onboarded(behaviour: Behaviour) {
  await messages.play([behaviour]);
  const made = await call('POST', '/users', { json: { onboarding_tags: { food: 'ramen' } }, env: messages.env });
  expect(made.status).toBe(201);
  const { body: persona } = await call('GET', '/users/me/persona', { token: made.body.token });
  return { persona, usage: await usageOf(made.headers.get('x-request-id') ?? ''), token: made.body.token };
}

const fromTags = Object.entries(dimensionsFromTags({ food: ['ramen'] }));

it("the model's description is kept, and no dimension moves further than a nudge", async () => {
  const { persona, usage } = await onboarded({ kind: 'good' });
  expect(persona.description).toContain('good food');
  const moves = fromTags.map(([name, value]) => persona.dimensions[name].value - value);
  expect(Math.max(...moves)).toBeCloseTo(0.05, 6);
  expect(usage).toMatchObject([{ path: 'persona', outcome: 'ok' }]);
});

it('a nudge that is a push is held to a nudge', async () => {
  const nudges = Object.fromEntries(fromTags.map(([name]) => [name, 5]));
  const { persona } = await onboarded({ kind: 'json', value: { description: 'Pushy.', nudges } });
  for (const [name, value] of fromTags) {
    expect(persona.dimensions[name].value).toBeCloseTo(Math.min(1, value + 0.1), 6);
  }
});

it.each<[string, Behaviour]>([
  ['refuses', { kind: 'refusal' }],
  ['answers prose', { kind: 'text', text: 'A lovely person.' }],
  ['says nothing', { kind: 'json', value: { description: '', nudges: {} } }],
])('a model that %s changes nothing: the tags stand', async (_, behaviour) => {
  const { persona, usage } = await onboarded(behaviour);
  expect(persona.description).toBeNull();
  for (const [name, value] of fromTags) expect(persona.dimensions[name].value).toBeCloseTo(value, 6);
  expect(usage).toHaveLength(1);
});

it('new tags end the old description', async () => {
  const { token } = await onboarded({ kind: 'good' });
  await call('PATCH', '/users/me', { token, json: { onboarding_tags: { pace: 'fast' } } });
  expect((await call('GET', '/users/me/persona', { token })).body.description).toBeNull();
});
