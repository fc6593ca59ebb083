/** Entry of the coordination service's worker: the real adapters, as they are. */
import { createNodePlatform } from '../../engine/platform/node'
import { runCoordination } from './run-coordination'

runCoordination((logger) => createNodePlatform({ logger }))
