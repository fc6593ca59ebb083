import { defineConfig } from '@playwright/test'

/** `npm run screenshots`: the same app and harness as the journeys, on a tour that looks instead of asserting. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.tour.ts',
  outputDir: '../test-results/screenshots',
  workers: 1,
  timeout: 900_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
})
