/** `npm run screenshots`: pictures of the real window in its states, themes and sizes, in out/screenshots. */
import { join } from 'node:path'
import { openDisplay } from './lib/display'
import { root, runStep } from './lib/steps'
import { ensureBuilt } from './setup/build.mjs'

async function main(): Promise<void> {
  await ensureBuilt('window')
  const display = await openDisplay()
  const result = await runStep({
    name: 'screenshots',
    script: '@playwright/test/cli.js',
    args: ['test', '--config', join(root, 'e2e', 'screenshots.config.ts'), ...process.argv.slice(2)],
    env: display.name === null ? {} : { DISPLAY: display.name },
    isLoud: true,
  })
  display.close()
  console.log(result.isGreen ? `They are in ${join(root, 'out', 'screenshots')}.` : 'The tour did not get to its end.')
  process.exitCode = result.isGreen ? 0 : 1
}

void main()
