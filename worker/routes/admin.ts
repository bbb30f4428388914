/** What operators watch. */
import { createRoute, z } from '@hono/zod-openapi';
import { LLM_BUDGET_NAME } from '../../durable-objects/llm-budget.ts';
import { utcDay } from '../../platform/llm/spend-gate.ts';
import { access } from '../middleware/access.ts';
import { problemResponses } from '../problem.ts';
import { json, newRouter } from '../router.ts';

const spendBody = z
  .object({
    day: z.string().openapi({ description: 'UTC' }),
    spent_micro_usd: z.int(),
    cap_micro_usd: z.int(),
    week_average_micro_usd: z.number().openapi({ description: 'Of the seven days before' }),
    alert: z.boolean().openapi({ description: 'Whether today has cost more than twice that average' }),
    refused_calls: z.int().openapi({ description: 'Calls that the cap did not let through' }),
  })
  .openapi('LlmSpend');

export const adminRoutes = newRouter().openapi(
  createRoute({
    method: 'get',
    path: '/admin/llm-spend',
    summary: 'What the language model cost today, and the cap',
    tags: ['Operators'],
    ...access('admin'),
    responses: { 200: json(spendBody, 'Today'), ...problemResponses(401, 403) },
  }),
  async (c) => {
    const { settings, now } = c.var;
    const today = await c.env.LLM_BUDGET.getByName(LLM_BUDGET_NAME).today(utcDay(now));
    return c.json(
      {
        day: today.day,
        spent_micro_usd: today.spentMicroUsd,
        cap_micro_usd: settings.llm.dailyCapMicroUsd,
        week_average_micro_usd: today.weekAverageMicroUsd,
        alert: today.alert,
        refused_calls: today.refused,
      },
      200,
    );
  },
);
