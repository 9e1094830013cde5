import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 120_000, hookTimeout: 120_000, pool: 'forks' as const };

/** Tests that look at the results of a whole run, which is made once for all of them. */
const flow = ['tests/{smoke,end-to-end,docs,hardening}/**/*.test.ts'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: flow,
        },
      },
      { test: { ...shared, name: 'flow', include: flow, globalSetup: ['tests/prepared-run/setup.ts'] } },
    ],
  },
});
