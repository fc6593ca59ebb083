/**
 * Random runs of a partition's replicas: appends, fetches, messages delivered in any order between links and lost with theirs, crashes,
 * expired sessions, restarts, elections, time. The checkers run after every event (testing/golden/checkers.ts); at the end everything is
 * healed, and the replicas must agree.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONTROLLER, ModelCluster } from '../testing/golden/model-cluster'

const REPLICAS = [1, 2, 3]
const ALL = -1

type Choice = readonly [action: number, argument: number]

/** One event. What is rare in life is rare here, so that runs get somewhere between two crashes. */
function act(cluster: ModelCluster, [action, argument]: Choice, mayBeUnclean: boolean): void {
  const broker = REPLICAS[argument % REPLICAS.length]!
  if (action < 50) cluster.deliverNext(argument)
  else if (action < 70) cluster.fetch(broker)
  else if (action < 80) cluster.append(leaderOr(cluster, broker), 1 + (argument % 3), argument % 4 === 0 ? 1 : ALL)
  else if (action < 82) cluster.advance(argument % 7_000)
  else if (action < 84) cluster.shrink(broker)
  else if (action < 87) cluster.repeatProposal(broker)
  else if (action < 88) cluster.disconnect(broker, REPLICAS[(argument >> 4) % REPLICAS.length]!)
  else if (action < 89) cluster.disconnect(CONTROLLER, broker)
  else if (action < 90) cluster.crash(broker)
  else if (action < 92) cluster.expire(broker)
  else if (action < 95) cluster.restart(broker)
  else if (action < 97) cluster.registerAnew(broker)
  else if (action < 98) cluster.checkpoint(broker)
  else if (cluster.controller.elect(broker, mayBeUnclean && argument % 2 === 0) === null) cluster.announce()
}

/** Mostly whoever leads; now and then somebody who may think that it does. */
function leaderOr(cluster: ModelCluster, broker: number): number {
  const { leaderId } = cluster.controller
  return leaderId > 0 && broker !== 1 ? leaderId : broker
}

/** Everybody is up and connected, and all that is under way arrives. */
function heal(cluster: ModelCluster): void {
  for (const id of REPLICAS) {
    cluster.restart(id)
    cluster.registerAnew(id)
  }
  if (cluster.controller.leaderId < 1) throw new Error('nobody was elected')
  // As a controller does that lost a connection: it says again what it has decided.
  cluster.announce()
  for (let round = 0; round < 60; round++) {
    for (const id of REPLICAS) {
      cluster.fetch(id)
      cluster.repeatProposal(id)
    }
    while (cluster.messages.length > 0) cluster.deliverNext()
  }
}

function run(choices: readonly Choice[], mayBeUnclean: boolean, minInSyncReplicas: number): ModelCluster {
  const cluster = new ModelCluster({ replicas: REPLICAS, minInSyncReplicas, replicaLagTimeMaxMs: 10_000, fetchRecordsMax: 2 })
  cluster.controller.set(1, 1, REPLICAS)
  cluster.announce()
  for (const choice of choices) act(cluster, choice, mayBeUnclean)
  heal(cluster)
  return cluster
}

function expectConverged(cluster: ModelCluster): void {
  const logs = REPLICAS.map((id) => cluster.broker(id).log)
  const { controller } = cluster
  expect(new Set(logs.map((log) => log.describe())).size, logs.map((log) => log.describe()).join(' | ')).toBe(1)
  for (const id of REPLICAS) {
    const { replica, log } = cluster.broker(id)
    expect(replica?.highWatermark, `high watermark of ${id}`).toBe(log.logEndOffset)
    for (let offset = 0; offset < log.logEndOffset; offset++) {
      expect(log.recordAt(offset)?.value).toBe(logs[0]?.recordAt(offset)?.value)
    }
  }
  expect(new Set(controller.isr)).toEqual(new Set(REPLICAS))
}

const choices = fc.array(fc.tuple(fc.nat(99), fc.nat(0xffff)), { minLength: 300, maxLength: 500 })

/** The checkers look at everything after each of some 30 000 events; the machine may be busy. */
describe('random interleavings', { timeout: 60_000 }, () => {
  it('lose no acknowledged record and converge', () => {
    let acked = 0
    fc.assert(
      fc.property(choices, fc.integer({ min: 1, max: 3 }), (run_, minInSyncReplicas) => {
        const cluster = run(run_, false, minInSyncReplicas)
        acked += cluster.acked.size
        const { log } = cluster.broker(cluster.controller.leaderId)
        for (const [offset, value] of cluster.acked) expect(log.recordAt(offset)?.value).toBe(value)
        expectConverged(cluster)
      }),
      { numRuns: 80, endOnFailure: true },
    )
    // A run that acknowledges nothing proves nothing.
    expect(acked).toBeGreaterThan(200)
  })

  it('keep histories apart and converge through unclean elections', () => {
    let unclean = 0
    fc.assert(
      fc.property(choices, (run_) => {
        const cluster = run(run_, true, 1)
        if (cluster.controller.wasUnclean) unclean++
        expectConverged(cluster)
      }),
      { numRuns: 60, endOnFailure: true },
    )
    expect(unclean).toBeGreaterThan(5)
  })
})
