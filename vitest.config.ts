import { defineConfig } from 'vitest/config';

// HEBB_TEST_ALL=1 (`npm run test:all`) adds the long tests, `*.long.test.ts`.
const all = process.env.HEBB_TEST_ALL === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(all ? [] : ['test/**/*.long.test.ts'])],
    // Much of it waits for other processes: three files at a time, also on two cores.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
