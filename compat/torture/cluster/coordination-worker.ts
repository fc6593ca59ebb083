/** Entry of the coordination service's worker in the torture test: what the product ships, on wrapped adapters. */
import { runCoordination } from '../../../src/cluster/workers/run-coordination'
import { createTorturedPlatform } from './tortured-platform'

runCoordination((logger) => createTorturedPlatform('coordination', logger))
