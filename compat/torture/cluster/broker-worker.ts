/** Entry of a broker's worker in the torture test: what the product ships, on wrapped adapters. */
import { workerData } from 'node:worker_threads'
import { runBroker } from '../../../src/cluster/workers/run-broker'
import { createTorturedPlatform } from './tortured-platform'

const { brokerId } = workerData as { brokerId: number }
runBroker((logger) => createTorturedPlatform(`broker-${brokerId}`, logger))
