import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Vitest leaves a core to itself, of two that is half.
    maxWorkers: 2,
    // Runs once, whichever projects do: they share the database and the stand-ins.
    globalSetup: [
      'tests/setup/assets.ts',
      'tests/setup/postgres.ts',
      'tests/setup/messages-api.ts',
      'tests/setup/stand-ins.ts',
    ],
    projects: [
      {
        test: {
          name: 'node',
          include: ['tests/node/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        plugins: [
          // Called when the pool starts a worker, after the global setup.
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                ENVIRONMENT: 'test',
                GUEST_ACCESS: 'on',
                AUTH_ISSUER: 'https://issuer.test',
                AUTH_AUDIENCE: 'overplanned-test',
                AUTH_HS256_SECRET: 'the secret of the tests, which signs nothing else',
                DATABASE_URL: inject('databaseUrl'),
              },
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['tests/workerd/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          deps: { optimizer: { ssr: { enabled: true, include: ['@anthropic-ai/sdk'] } } },
        },
      },
    ],
  },
});
