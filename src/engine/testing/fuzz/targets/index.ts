/** Every target of the engine. A new parser gets its target here, and so its place in `npm run fuzz` and in `npm test`. */
import type { FuzzTarget } from '../fuzz-target'
import { checkpointTargets } from './checkpoint-targets'
import { connectionTargets } from './connection-targets'
import { coordinationTargets } from './coordination-targets'
import { juteTargets } from './jute-targets'
import { recordTargets } from './record-targets'
import { schemaTargets } from './schema-targets'
import { storageTargets } from './storage-targets'
import { wireTargets } from './wire-targets'
import { znodeTargets } from './znode-targets'

export const engineTargets: readonly FuzzTarget[] = [
  ...wireTargets,
  ...recordTargets,
  ...connectionTargets,
  ...storageTargets,
  ...checkpointTargets,
  ...juteTargets,
  ...coordinationTargets,
  ...znodeTargets,
  ...schemaTargets,
]
