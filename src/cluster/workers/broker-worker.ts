/** Entry of a broker's worker: the real adapters, as they are. */
import { createNodePlatform } from '../../engine/platform/node'
import { runBroker } from './run-broker'

runBroker((logger) => createNodePlatform({ logger }))
