/**
 * What killing, stopping, freezing or removing a broker, or bringing it back, will do, said before it is done. Computed from what the cluster reports
 * now, by Kafka's rules of elections: the next leader is the first replica of the assignment that is in the ISR and alive; unclean elections are not
 * counted on. Pure.
 */
import type { BrokerView, PartitionView } from '../../../shared/model/cluster'
import { formatCount, plural } from '../../ui'
import { isBrokerDown } from './replica-state'
import type { BrokerAction } from './store'

export type Gravity = 'info' | 'warn' | 'error'

export interface Consequence {
  readonly gravity: Gravity
  readonly text: string
}

export interface Loss {
  /** Led here, with somebody in sync to take over. */
  readonly takenOver: readonly PartitionView[]
  /** Who takes how many. */
  readonly successors: ReadonlyMap<number, number>
  /** Left without a leader. */
  readonly offline: readonly PartitionView[]
  /** Still led, and from then on with too few in sync for acks=all. */
  readonly belowMin: readonly PartitionView[]
  /** Replicas here. */
  readonly held: readonly PartitionView[]
}

type Brokers = ReadonlyMap<number, BrokerView>

const named = 3

/** What the cluster loses with a broker. */
export function lossOf(brokerId: number, partitions: readonly PartitionView[], brokers: Brokers): Loss {
  const canLead = (id: number): boolean =>
    id !== brokerId && !isBrokerDown(brokers.get(id)) && brokers.get(id)?.state !== 'frozen'
  const takenOver: PartitionView[] = []
  const offline: PartitionView[] = []
  const belowMin: PartitionView[] = []
  const held: PartitionView[] = []
  const successors = new Map<number, number>()
  for (const partition of partitions) {
    if (!partition.replicas.some((replica) => replica.brokerId === brokerId)) continue
    held.push(partition)
    let isLed = partition.leader !== null && partition.leader !== brokerId
    if (partition.leader === brokerId) {
      const next = partition.replicas.find((replica) => partition.isr.includes(replica.brokerId) && canLead(replica.brokerId))
      if (next === undefined) offline.push(partition)
      else {
        takenOver.push(partition)
        successors.set(next.brokerId, (successors.get(next.brokerId) ?? 0) + 1)
        isLed = true
      }
    }
    const { isr, minInSyncReplicas } = partition
    if (isLed && isr.includes(brokerId) && isr.length >= minInSyncReplicas && isr.length - 1 < minInSyncReplicas)
      belowMin.push(partition)
  }
  return { takenOver, successors, offline, belowMin, held }
}

/** In the order of what matters to whoever is about to press: what happens to leaders, what fails, what stays. */
export function consequencesOf(
  action: BrokerAction,
  broker: BrokerView,
  partitions: readonly PartitionView[],
  brokers: Brokers,
): readonly Consequence[] {
  if (action === 'start' || action === 'resume') return returnOf(action, broker, partitions)
  const { takenOver, successors, offline, belowMin, held } = lossOf(broker.id, partitions, brokers)
  const lines: Consequence[] = []
  const say = (gravity: Gravity, text: string): void => void lines.push({ gravity, text })
  say('info', firstWords[action])
  const othersUp = [...brokers.values()].some((other) => other.id !== broker.id && other.state === 'running')
  if (!othersUp) say('error', 'No other broker is up: nothing can be read or written any more.')
  if (takenOver.length > 0) {
    const to = [...successors]
      .sort(([left], [right]) => left - right)
      .map(([id, count]) => (successors.size === 1 ? `broker ${id}` : `${formatCount(count)} by broker ${id}`))
    say(
      'info',
      `Leads ${plural(takenOver.length + offline.length, 'partition')}${offline.length > 0 ? `: ${formatCount(takenOver.length)} ${takenOver.length === 1 ? 'is' : 'are'}` : `, all`} taken over ${successors.size === 1 ? 'by ' : ''}${to.join(', ')}${action === 'stop' || action === 'remove' ? ' before it goes' : ' once its session has expired; until then nobody leads them'}.`,
    )
  }
  if (offline.length > 0)
    say('error', `${list(offline)} ${offline.length === 1 ? 'goes' : 'go'} offline: ${whyOffline(offline, broker.id)}.`)
  if (takenOver.length === 0 && offline.length === 0)
    say('info', held.length > 0 ? 'Leads no partition.' : 'Leads no partition and holds no replica.')
  if (belowMin.length > 0)
    say('warn', `Writes with acks=all fail on ${list(belowMin)}: too few replicas stay in sync for min.insync.replicas.`)
  if (broker.isController)
    say('info', othersUp ? 'It is the controller: another broker takes that over.' : 'It is the controller.')
  return lines
}

const firstWords: Readonly<Record<Exclude<BrokerAction, 'start' | 'resume'>, string>> = {
  kill: 'Ends at once, writes nothing down and tells nobody.',
  stop: 'Hands its leaders over, then ends cleanly.',
  freeze: 'Keeps its sockets open and answers nothing until it is resumed.',
  remove: 'Leaves the cluster for good, with its data folder.',
}

function returnOf(action: 'start' | 'resume', broker: BrokerView, partitions: readonly PartitionView[]): readonly Consequence[] {
  const held = partitions.filter((partition) => partition.replicas.some((replica) => replica.brokerId === broker.id))
  const behind = held.filter((partition) => partition.leader !== null && !partition.isr.includes(broker.id))
  const ledAgain = held.filter((partition) => partition.leader === null && partition.isr.includes(broker.id))
  const lines: Consequence[] = [
    {
      gravity: 'info',
      text: action === 'start' ? 'Starts on the same port, with the data that it has.' : 'Goes on where it stood still.',
    },
  ]
  if (ledAgain.length > 0)
    lines.push({ gravity: 'info', text: `${list(ledAgain)} ${ledAgain.length === 1 ? 'is' : 'are'} led again.` })
  if (behind.length > 0)
    lines.push({
      gravity: 'info',
      text: `Catches up on ${plural(behind.length, 'partition')}, then joins ${behind.length === 1 ? 'its ISR' : 'their ISRs'} again.`,
    })
  const preferred = held.filter(
    (partition) => partition.preferredLeader === broker.id && partition.leader !== null && partition.leader !== broker.id,
  )
  if (preferred.length > 0)
    lines.push({
      gravity: 'info',
      text: `Leads nothing by itself: it is the preferred leader of ${formatCount(preferred.length)}, an election brings ${preferred.length === 1 ? 'it' : 'them'} back.`,
    })
  return lines
}

function whyOffline(offline: readonly PartitionView[], brokerId: number): string {
  const onlyHere = offline.filter((partition) => partition.replicas.length === 1)
  if (onlyHere.length === offline.length)
    return offline.length === 1 ? 'its only replica is here' : 'their only replicas are here'
  const lastInSync = offline.filter((partition) => partition.isr.length === 1 && partition.isr[0] === brokerId)
  if (lastInSync.length === offline.length)
    return offline.length === 1 ? 'no other replica is in sync' : 'no other replicas are in sync'
  return 'no other replica in sync is on a broker that is up'
}

/** `audit-1`, `audit-1 and audit-2`, `audit-0, audit-1, audit-2 and 5 more`. */
export function list(partitions: readonly { readonly topic: string; readonly partition: number }[]): string {
  const names = partitions
    .slice(0, partitions.length > named + 1 ? named : named + 1)
    .map(({ topic, partition }) => `${topic}-${partition}`)
  const more = partitions.length - names.length
  if (more > 0) return `${names.join(', ')} and ${formatCount(more)} more`
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`
}
