/** The end of a round's faults: everything that can be mended is mended, and the cluster has bounded time to become whole by itself. */
import { pause } from '../clients/client'
import type { Target } from './target'

const lookMs = 250

/** Answers how long it took. Throws what is still amiss after `timeoutMs`. */
export async function healAndSettle(target: Target, timeoutMs: number): Promise<number> {
  const startMs = Date.now()
  const { cluster, topology, timeline } = target
  topology.heal()
  timeline.note('healed')
  let calm = 0
  let last = 'nothing was heard of it'
  while (Date.now() - startMs < timeoutMs) {
    if (!cluster.isUp) await cluster.start()
    for (const worker of [...topology.brokerIds.map((id) => `broker-${id}`), 'coordination'])
      await cluster.order({ to: worker, type: 'disk-heals' })
    const status = await cluster.status()
    for (const { id, state } of status.brokers) {
      if (state === 'frozen') await target.tell(`resume ${id}`)
      else if (state === 'killed' || state === 'stopped' || state === 'crashed') await target.tell(`start ${id}`)
    }
    const areUp = status.brokers.every((broker) => broker.state === 'running')
    const isWhole = areUp && status.controllerId !== null && status.underReplicatedCount === 0 && status.offlineCount === 0
    // The view lags a little behind the brokers.
    calm = isWhole ? calm + 1 : 0
    if (calm >= 4) return Date.now() - startMs
    last = JSON.stringify(status)
    await pause(lookMs)
  }
  const { partitions } = await cluster.command('partitions')
  throw new Error(
    `the cluster did not become whole within ${timeoutMs / 1000} s of the last fault: ${last}\n${(partitions as string[]).join('\n')}`,
  )
}
