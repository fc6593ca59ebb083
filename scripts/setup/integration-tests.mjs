/**
 * Global set-up of the `integration` tests: they start workers and the command line as they are built, so what is built must be what is
 * written. `npm test` has built by then; this is for whoever runs vitest by hand.
 */
import { ensureBuilt } from './build.mjs'

export default async function setup() {
  await ensureBuilt('headless')
}
