import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Three projects: pure and engine tests on Node, window components in happy-dom, and integration tests with real workers and sockets. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // A machine that is busy with something else must not fail a test; none of them waits for time.
          testTimeout: 30_000,
          environment: 'node',
          // No file leaves anything behind in the modules that it shares with the next: a thread for each file cost more than its tests.
          pool: 'threads',
          isolate: false,
          include: ['src/{shared,engine,cluster,workbench,main,cli}/**/*.test.ts', 'scripts/**/*.test.ts', 'compat/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
        },
      },
      {
        plugins: [vue()],
        // As above: a busy machine is no failure.
        test: { name: 'window', testTimeout: 30_000, environment: 'happy-dom', include: ['src/renderer/**/*.test.ts'] },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          include: ['src/**/*.integration.test.ts', 'compat/**/*.integration.test.ts'],
          globalSetup: ['scripts/setup/integration-tests.mjs'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
        },
      },
    ],
  },
})
