/** Entry of the schema registry's worker: the real adapters, as they are. */
import { createNodePlatform } from '../../engine/platform/node'
import { runRegistry } from './run-registry'

runRegistry((logger) => createNodePlatform({ logger }))
