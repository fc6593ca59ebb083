/** All targets: the engine's, and those of the app around it. */
import type { FuzzTarget } from '../../src/engine/testing/fuzz/fuzz-target'
import { engineTargets } from '../../src/engine/testing/fuzz/targets'
import { appTargets } from '../../src/main/testing/fuzz-targets'

export const allTargets: readonly FuzzTarget[] = [...engineTargets, ...appTargets]
