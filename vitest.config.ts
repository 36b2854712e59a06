import { defineConfig } from 'vitest/config';

// HEBB_TEST_ALL=1 (`npm run test:all`) adds the long tests, `*.long.test.ts`.
const all = process.env.HEBB_TEST_ALL === '1';

export default defineConfig({
  test: {
    include: ['{shared,edge,gpu-tier,bench,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(all ? [] : ['**/*.long.test.ts'])],
    // Much of it waits for other processes: three files at a time, also on two cores.
    maxWorkers: 3,
    // Tests wait for what they want to see, and not for a time. These end one that will not see it, also
    // on a machine that is busy with other things.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
