/** The quick tier of fuzzing for the app around the engine. */
import { describe, it } from 'vitest'
import { expectMended, expectNothingFound, pastFailuresOf } from '../../engine/testing/fuzz/past-failures'
import { appTargets } from './fuzz-targets'

describe('any bytes into', () => {
  it.each(appTargets.map((target) => [target.name, target] as const))('%s', (_name, target) => expectNothingFound(target, 150))
})

it('past failures stay mended', async () => {
  for (const failure of pastFailuresOf(appTargets)) await expectMended(appTargets, failure)
})
