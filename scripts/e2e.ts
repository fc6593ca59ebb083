/** `npm run e2e -- ARGS`: the journeys through the real window alone, on a display of their own; ARGS are Playwright's. */
import { openDisplay } from './lib/display'
import { runStep } from './lib/steps'
import { ensureBuilt } from './setup/build.mjs'

async function main(): Promise<void> {
  await ensureBuilt('window')
  const display = await openDisplay()
  const result = await runStep({
    name: 'e2e tests',
    script: '@playwright/test/cli.js',
    args: ['test', ...process.argv.slice(2)],
    env: display.name === null ? {} : { DISPLAY: display.name },
    isLoud: true,
  })
  display.close()
  process.exitCode = result.isGreen ? 0 : 1
}

void main()
