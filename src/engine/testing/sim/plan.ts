/**
 * What a seed means: the cluster, its topics, who works on it, and which faults hit when. All of it is drawn before anything runs, so that the
 * shrinker can leave faults out and everything else stays. Every seed is another mixture ("swarm"): a run in which everything happens at once finds
 * less than one in which a few kinds of fault happen often.
 */
import { Produce, WriteTxnMarkers } from '../../wire/messages'
import type { Compression } from '../../wire/records'
import { type AmbushMoment, type AmbushPlan, ambushMoments, type Blow, describeAmbush } from './ambush'
import { SeededRandom } from './seeded-random'

export interface TopicPlan {
  readonly name: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly configs: Readonly<Record<string, string>>
}

export interface ProducerPlan {
  readonly name: string
  readonly acks: 0 | 1 | -1
  readonly isIdempotent: boolean
  readonly topic: string
  /** null: by key. */
  readonly partition: number | null
  readonly recordsPerSecond: number
  readonly valueBytes: readonly [number, number]
  readonly lingerMs: number
  readonly compression: Compression
}

export interface ConsumerPlan {
  readonly name: string
  readonly topic: string
  readonly partition: number
}

/** A consumer group that reads a topic, in so far as a coordinator sees it: members that come, commit, fall silent and go. */
export interface GroupPlan {
  readonly name: string
  readonly topic: string
  readonly members: number
  /** `both`: all of its members speak the one for so long, and then the other. `mixed`: each changes at a time of its own, so that a living group goes over and back. */
  readonly protocol: 'classic' | 'consumer' | 'both' | 'mixed'
  /** Of the classic members of a mixed group: they keep what they have while they join, and say so. */
  readonly isCooperative: boolean
  readonly switchEveryMs: number
  /** Of the classic protocol. */
  readonly sessionTimeoutMs: number
  /** Of the new protocol: how long a member may take to give something up. */
  readonly rebalanceTimeoutMs: number
  /** Of the new protocol: subscribed by a regular expression. */
  readonly isByRegex: boolean
  /** On the average. */
  readonly commitEveryMs: number
  /** At each commit. */
  readonly leaveChance: number
  readonly silenceChance: number
  /** Of saying something as the member that it was. */
  readonly zombieChance: number
}

/** A transactional id: transactions over the partitions of a topic of their own, with the offsets of a group now and then. */
export interface TransactionPlan {
  readonly name: string
  readonly topic: string
  readonly partitions: number
  /** transaction.timeout.ms */
  readonly timeoutMs: number
  readonly abortChance: number
  readonly offsetsChance: number
  /** Of staying open for about as long as it may. */
  readonly silenceChance: number
  /** Of going on while another producer of the same id has been let in. */
  readonly zombieChance: number
}

/** An idempotent producer with several batches under way, to a topic of its own. */
export interface PipelinePlan {
  readonly name: string
  readonly topic: string
  readonly batchesInFlight: number
  readonly pauseMs: number
}

export interface SimConfig {
  readonly brokerCount: number
  readonly safetyMs: number
  /** So long clients go on after everything was healed. */
  readonly workAfterHealingMs: number
  readonly topics: readonly TopicPlan[]
  readonly producers: readonly ProducerPlan[]
  readonly consumers: readonly ConsumerPlan[]
  readonly groups: readonly GroupPlan[]
  readonly transactions: readonly TransactionPlan[]
  readonly pipelines: readonly PipelinePlan[]
  readonly adminPerMinute: number
  readonly reassignmentsPerMinute: number
  readonly brokerConfigs: Readonly<Record<string, string>>
  readonly sessionTimeoutMs: number
  readonly network: { readonly latencyMs: readonly [number, number]; readonly slowOneIn: number }
  readonly disk: { readonly writeMs: number; readonly syncMs: readonly [number, number] }
  /** A clock runs at most this share fast or slow: 0.02 is two percent. */
  readonly driftMax: number
  readonly skewMsMax: number
  readonly timerLateMsMax: number
  readonly snapshotIntervalTxns: number
  readonly faultKinds: readonly FaultKind[]
  readonly faultsPerMinute: number
}

const brokerFaults = [
  'kill',
  'power-loss',
  'crash-in-write',
  'shutdown',
  'freeze',
  'slow-disk',
  'disk-full',
  'disk-error',
] as const
const networkFaults = ['partition', 'one-way', 'isolate', 'isolate-from-coordination', 'delay', 'reset-connections'] as const
const otherFaults = [
  'clock-jump',
  'expire-session',
  'depose-controller',
  'kill-coordination',
  'power-loss-of-coordination',
  'freeze-coordination',
  'crash-in-write-of-coordination',
  'disk-full-of-coordination',
  'two-tails',
  'kill-all',
  'power-loss-of-all',
] as const

const allFaultKinds = [...brokerFaults, ...networkFaults, ...otherFaults] as const
/** An ambush waits for what others bring about, and so never comes alone. Requests are overtaken where there are transactions, whose promises that tests. */
export type FaultKind = (typeof allFaultKinds)[number] | 'ambush' | 'overtaken-requests'

/** What hurts most at which moment. */
const blowsAt: Readonly<Record<AmbushMoment, readonly Blow['kind'][]>> = {
  leads: ['kill', 'power-loss', 'isolate', 'freeze', 'shutdown', 'partition', 'partition'],
  follows: ['power-loss', 'kill', 'isolate'],
  truncates: ['power-loss', 'power-loss', 'kill'],
  proposes: ['partition', 'partition', 'kill', 'delay'],
  registers: ['power-loss', 'kill', 'isolate-from-coordination'],
  'takes-office': ['kill', 'freeze', 'depose-controller', 'expire-session'],
  commands: ['expire-session'],
  'drops-a-log': ['power-loss', 'kill'],
  'coordination-writes': ['power-loss-of-coordination'],
}

const kindsThatReplaceLeaders: readonly FaultKind[] = [
  'kill',
  'power-loss',
  'crash-in-write',
  'freeze',
  'expire-session',
  'shutdown',
  'partition',
  'one-way',
  'isolate',
  'isolate-from-coordination',
  'two-tails',
]

export interface PlannedFault {
  readonly id: number
  /** Since the safety phase began. */
  readonly atMs: number
  readonly kind: FaultKind
  readonly durationMs: number
  readonly brokerId: number
  /** The other end of a network fault: another broker, or 0 for coordination. Of `overtaken-requests`: the key of their API. */
  readonly otherId: number
  /** What else the kind needs: the change at which to die, ms of delay or of a clock's jump, bytes left on the disk, which directions (`isolate`). */
  readonly amount: number
  /** The machine loses its power too: unsynced writes are torn or lost. */
  readonly isPowerLoss: boolean
  /** Of an `ambush` only. */
  readonly ambush: AmbushPlan | null
}

/**
 * Mostly short, now and then long: what faults bring about they bring about within seconds, and another mixture finds more than the same one for longer; but
 * some things need epochs upon epochs.
 */
const safetySeconds = [3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 11, 14, 20] as const

export function drawConfig(seed: number): SimConfig {
  const random = new SeededRandom(seed, 'config')
  const brokerCount = random.pick([1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5])
  const topics = Array.from({ length: random.between(1, 3) }, (_, index) => drawTopic(random, index, brokerCount))
  const producers = Array.from({ length: random.between(1, 4) }, (_, index) => drawProducer(random, index, topics))
  const consumers = Array.from({ length: random.between(0, 2) }, (_, index) => {
    const topic = random.pick(topics)
    return { name: `consumer-${index + 1}`, topic: topic.name, partition: random.below(topic.partitions) }
  })
  const isFarApart = random.chance(0.2)
  const kindCount = random.pick([1, 2, 3, 4, 6, 8])
  return {
    brokerCount,
    safetyMs: random.pick(safetySeconds) * 1000,
    workAfterHealingMs: new SeededRandom(seed, 'after-healing').pick([500, 1_000, 1_500, 3_000]),
    topics,
    producers,
    consumers,
    groups: drawGroups(seed, topics),
    ...drawTransactions(seed),
    pipelines: drawPipelines(seed),
    adminPerMinute: random.pick([0, 0, 4, 12, 30, 150]),
    // From a stream of its own, as all that came later.
    reassignmentsPerMinute: new SeededRandom(seed, 'reassignments').pick([0, 0, 0, 20, 60, 200]),
    brokerConfigs: {
      'replica.lag.time.max.ms': String(random.pick([1_500, 3_000, 10_000])),
      'replica.fetch.wait.max.ms': String(random.pick([100, 500, 500])),
      'leader.imbalance.check.interval.seconds': String(random.pick([2, 5, 300])),
      'log.retention.check.interval.ms': String(random.pick([2_000, 30_000])),
      'group.min.session.timeout.ms': '500',
      'group.consumer.session.timeout.ms': String(new SeededRandom(seed, 'consumer-sessions').pick([1_000, 2_500, 6_000])),
      'offsets.commit.timeout.ms': '3000',
      'offsets.topic.num.partitions': '2',
      'transaction.state.log.num.partitions': '2',
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
      'transaction.version': String(new SeededRandom(seed, 'transaction-version').pick([0, 0, 2])),
    },
    sessionTimeoutMs: random.pick([1_000, 1_500, 1_500, 3_000]),
    network: isFarApart
      ? { latencyMs: [2, 40], slowOneIn: 30 }
      : { latencyMs: [0.05, 1.5], slowOneIn: random.pick([0, 20, 200]) },
    disk: {
      writeMs: random.pick([0, 0.01, 0.05]),
      syncMs: random.pick([
        [0.05, 0.5],
        [0.5, 5],
        [2, 30],
      ] as const),
    },
    driftMax: random.pick([0, 0.001, 0.03]),
    skewMsMax: random.pick([0, 200, 60_000]),
    timerLateMsMax: random.pick([0.5, 2, 15]),
    snapshotIntervalTxns: random.pick([20, 200, 20_000]),
    faultKinds: [...drawKinds(random, kindCount), ...(random.chance(0.35) ? (['ambush'] as const) : [])],
    faultsPerMinute: random.pick([0, 20, 20, 40, 40, 60, 60, 80, 120, 120]),
  }
}

/** From a stream of their own: the rest of what a seed means is as it was before there were groups. */
function drawGroups(seed: number, topics: readonly TopicPlan[]): GroupPlan[] {
  const random = new SeededRandom(seed, 'groups')
  const protocols = new SeededRandom(seed, 'group-protocols')
  const mixtures = new SeededRandom(seed, 'group-mixtures')
  return Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, (_, index) => {
    const plan = {
      name: `group-${index + 1}`,
      topic: random.pick(topics).name,
      members: random.between(1, 4),
      sessionTimeoutMs: random.pick([1_000, 2_500, 6_000]),
      commitEveryMs: random.pick([30, 100, 400]),
      leaveChance: random.pick([0, 0.01, 0.05]),
      silenceChance: random.pick([0, 0.01, 0.03]),
      protocol: protocols.pick(['classic', 'classic', 'consumer', 'consumer', 'both'] as const),
      switchEveryMs: protocols.between(2_000, 8_000),
      rebalanceTimeoutMs: protocols.pick([800, 2_500, 10_000]),
      isByRegex: protocols.chance(0.3),
      zombieChance: protocols.pick([0, 0.1, 0.3]),
      isCooperative: mixtures.chance(0.4),
    }
    return mixtures.chance(0.3) ? { ...plan, protocol: 'mixed' as const, members: plan.members + 1 } : plan
  })
}

function drawTransactions(seed: number): Pick<SimConfig, 'transactions'> {
  const random = new SeededRandom(seed, 'transactions')
  const partitions = random.between(1, 3)
  const transactions = Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, (_, index) => ({
    ...{ name: `txn-${index + 1}`, topic: 'transactions', partitions },
    timeoutMs: random.pick([800, 3_000, 15_000]),
    abortChance: random.pick([0, 0.2, 0.5]),
    offsetsChance: random.pick([0, 0.5]),
    silenceChance: random.pick([0, 0.02, 0.1]),
    zombieChance: random.pick([0, 0.05, 0.2]),
  }))
  return { transactions }
}

function drawPipelines(seed: number): PipelinePlan[] {
  const random = new SeededRandom(seed, 'pipelines')
  return Array.from({ length: random.pick([0, 1]) }, (_, index) => ({
    ...{ name: `pipeline-${index + 1}`, topic: 'pipelined' },
    batchesInFlight: random.pick([2, 5, 5]),
    pauseMs: random.pick([20, 100, 400]),
  }))
}

export function drawFaults(seed: number, config: SimConfig): PlannedFault[] {
  const random = new SeededRandom(seed, 'faults')
  const count = config.faultKinds.length === 0 ? 0 : Math.round((config.faultsPerMinute * config.safetyMs) / 60_000)
  const times = Array.from({ length: count }, () => Math.floor(random.within(0, config.safetyMs * 0.95))).sort((a, b) => a - b)
  const faults = times.map((atMs, id) => drawFault(random, id, atMs, config))
  return [...faults, ...drawOvertaken(seed, config, faults.length)]
}

/** From a stream of their own, behind all others. */
function drawOvertaken(seed: number, { transactions, brokerCount, safetyMs }: SimConfig, firstId: number): PlannedFault[] {
  const random = new SeededRandom(seed, 'overtaken-requests')
  if (transactions.length === 0 || !random.chance(0.4)) return []
  return Array.from({ length: random.between(1, Math.ceil(safetyMs / 1_000)) }, (_, index) => ({
    id: firstId + index,
    atMs: Math.floor(random.within(0, safetyMs * 0.95)),
    kind: 'overtaken-requests' as const,
    // A single one, so that the next attempt is answered; or all, until their sender gives up.
    durationMs: random.pick([20, 20, 200, 2_500]),
    brokerId: random.between(1, brokerCount),
    otherId: random.pick([WriteTxnMarkers.key, WriteTxnMarkers.key, Produce.key]),
    amount: random.pick([100, 250, 600, 1_500, 4_000]),
    isPowerLoss: false,
    ambush: null,
  }))
}

/** For a person. */
export function describeFault(fault: PlannedFault): string {
  const { kind, brokerId, otherId, durationMs, amount, isPowerLoss } = fault
  const other = otherId === 0 ? 'coordination' : `broker ${otherId}`
  const lasting = `for ${durationMs} ms`
  switch (kind) {
    case 'kill':
      return `kill broker ${brokerId}, down ${lasting}`
    case 'power-loss':
      return `broker ${brokerId} loses its power ${lasting}`
    case 'crash-in-write':
      return `broker ${brokerId} dies in its change of the disk number ${amount} from now${isPowerLoss ? ', and loses its power' : ''}, down ${lasting}`
    case 'shutdown':
      return `broker ${brokerId} is shut down, down ${lasting}`
    case 'freeze':
      return `broker ${brokerId} freezes ${lasting}`
    case 'slow-disk':
      return `the disk of broker ${brokerId} is slow, ${amount} ms a change, ${lasting}`
    case 'disk-full':
      return `the disk of broker ${brokerId} has ${amount} bytes left ${lasting}`
    case 'disk-error':
      return `one in ${amount} operations of broker ${brokerId}'s disk fails ${lasting}`
    case 'partition':
      return `broker ${brokerId} and ${other} do not reach each other ${lasting}`
    case 'one-way':
      return `nothing from broker ${brokerId} reaches ${other} ${lasting}`
    case 'isolate':
      return `broker ${brokerId} ${isolationWords(amount)} ${lasting}, clients do`
    case 'isolate-from-coordination':
      return `broker ${brokerId} and coordination do not reach each other ${lasting}`
    case 'delay':
      return `messages between broker ${brokerId} and ${other} take ${amount} ms more ${lasting}`
    case 'reset-connections':
      return `the connections between broker ${brokerId} and ${other} are reset`
    case 'clock-jump':
      return `the wall clock of broker ${brokerId} jumps by ${amount} ms`
    case 'expire-session':
      return `broker ${brokerId} is frozen until its session has expired, and then thawed (${durationMs} ms)`
    case 'depose-controller':
      return 'somebody deletes /controller while the session of the controller lives'
    case 'kill-coordination':
      return `kill coordination, down ${lasting}`
    case 'power-loss-of-coordination':
      return `coordination loses its power ${lasting}`
    case 'freeze-coordination':
      return `coordination freezes ${lasting}`
    case 'crash-in-write-of-coordination':
      return `coordination dies in its change of the disk number ${amount} from now${isPowerLoss ? ', and loses its power' : ''}, down ${lasting}`
    case 'disk-full-of-coordination':
      return `the disk of coordination has ${amount} bytes left ${lasting}`
    case 'overtaken-requests':
      return `the next ${otherId === Produce.key ? 'produce' : 'marker'} and all that are sent within ${durationMs} ms of it lose their connection and arrive ${amount} ms late`
    case 'ambush':
      return fault.ambush === null ? 'an ambush of nobody' : describeAmbush(fault.ambush)
    case 'two-tails':
      return 'a leader and its successor die, who do not reach each other, nor the successor anybody'
    case 'kill-all':
      return `everything is killed, as with the application, down ${lasting}`
    case 'power-loss-of-all':
      return `all machines lose their power ${lasting}`
  }
}

/** As faults.ts takes the amount: 1 and 2 are one-way, all else is both ways. */
function isolationWords(amount: number): string {
  if (amount === 1) return 'does not reach the rest of the cluster'
  return amount === 2 ? 'is not reached by the rest of the cluster' : 'and the rest of the cluster do not reach each other'
}

function drawTopic(random: SeededRandom, index: number, brokerCount: number): TopicPlan {
  const replicationFactor = Math.min(brokerCount, random.pick([1, 2, 2, 3, 3, 3, 3, 3, 3, 3]))
  const configs: Record<string, string> = {
    'min.insync.replicas': String(Math.min(replicationFactor, random.pick([1, 2, 2]))),
    'segment.bytes': String(random.pick([2_000, 20_000, 1_073_741_824])),
    'index.interval.bytes': String(random.pick([200, 4096])),
  }
  if (random.chance(0.15)) configs['unclean.leader.election.enable'] = 'true'
  if (random.chance(0.35)) configs['flush.messages'] = '1'
  if (random.chance(0.15)) configs['message.timestamp.type'] = 'LogAppendTime'
  if (random.chance(0.1)) configs['retention.bytes'] = '20000'
  return { name: `t${index}`, partitions: random.pick([1, 1, 2, 3]), replicationFactor, configs }
}

function drawProducer(random: SeededRandom, index: number, topics: readonly TopicPlan[]): ProducerPlan {
  const topic = random.pick(topics)
  const acks = random.pick([0, 1, -1, -1, -1, -1] as const)
  return {
    name: `producer-${index + 1}`,
    acks,
    isIdempotent: acks === -1 && random.chance(0.6),
    topic: topic.name,
    partition: random.chance(0.5) ? random.below(topic.partitions) : null,
    recordsPerSecond: random.pick([2, 8, 25]),
    valueBytes: random.pick([
      [20, 100],
      [20, 2_000],
    ] as const),
    lingerMs: random.pick([0, 0, 5, 50]),
    compression: random.pick(['none', 'none', 'gzip', 'snappy', 'lz4'] as const),
  }
}

/** One kind that ends or cuts off a broker, and others of all sorts: without the first hardly anything of replication happens. */
function drawKinds(random: SeededRandom, count: number): FaultKind[] {
  const first = random.pick(kindsThatReplaceLeaders)
  const left: FaultKind[] = allFaultKinds.filter((kind) => kind !== first)
  const others = Array.from({ length: count - 1 }, () => left.splice(random.below(left.length), 1)[0] as FaultKind)
  return [first, ...others]
}

function drawFault(random: SeededRandom, id: number, atMs: number, config: SimConfig): PlannedFault {
  const kind = random.pick(config.faultKinds)
  const brokerId = random.between(1, config.brokerCount)
  const otherId = random.pick([0, ...brokersBut(brokerId, config.brokerCount)])
  const durationMs = drawDuration(random, config.sessionTimeoutMs)
  const amount = drawAmount(random, kind)
  const isPowerLoss = random.chance(0.5)
  const ambush = kind === 'ambush' ? drawAmbush(random, durationMs, config) : null
  return { id, atMs, kind, durationMs, brokerId, otherId, amount, isPowerLoss, ambush }
}

function drawAmbush(random: SeededRandom, durationMs: number, { sessionTimeoutMs }: SimConfig): AmbushPlan {
  const moment = random.pick(ambushMoments)
  const strikes = random.pick([1, 1, 2, 3])
  const withinMs = random.pick([0, 0, 5, 50, 500, 2_000])
  const afterMs =
    Math.floor(
      random.within(0, moment === 'commands' || moment === 'coordination-writes' ? Math.min(withinMs, 0.5) : withinMs) * 10,
    ) / 10
  const kind = random.pick(blowsAt[moment])
  const isCutOff = kind === 'partition' || (kind === 'isolate' && random.chance(0.5))
  if (!isCutOff) return { moment, strikes, blows: [{ kind, isOnAnother: false, afterMs, durationMs }] }
  // Cut off from somebody, or from all, for longer than it takes to be replaced; meanwhile it, or another one, is started anew. A proposal is then under way for as long as
  // it takes to replace whom it is about, and a leader dies, or closes its log, with a tail that nobody has (KIP-279).
  const cutOff: Blow = { kind, isOnAnother: false, afterMs, durationMs: sessionTimeoutMs + random.between(500, 2_500) }
  const restart: Blow = {
    kind: random.pick(['kill', 'power-loss', 'shutdown']),
    isOnAnother: random.chance(moment === 'proposes' ? 1 : 0.3),
    afterMs: afterMs + random.pick([0, 100, 400, 1_200]),
    durationMs: random.chance(0.5) ? random.between(20, 600) : durationMs,
  }
  return { moment, strikes, blows: [cutOff, restart] }
}

/** Short ones, that nobody need notice; some that outlast a session by little, so that who was replaced is back while the others are still busy; long ones. */
function drawDuration(random: SeededRandom, sessionTimeoutMs: number): number {
  switch (random.below(3)) {
    case 0:
      return random.between(20, 1_200)
    case 1:
      return random.between(sessionTimeoutMs, sessionTimeoutMs + 1_500)
    default:
      return random.between(1_200, 9_000)
  }
}

function drawAmount(random: SeededRandom, kind: FaultKind): number {
  switch (kind) {
    case 'crash-in-write':
    case 'crash-in-write-of-coordination':
      return random.between(1, 60)
    case 'isolate':
      return random.pick([0, 0, 1, 2])
    case 'slow-disk':
      return random.pick([1, 5, 40])
    case 'disk-full':
    case 'disk-full-of-coordination':
      return random.pick([0, 100, 5_000])
    case 'disk-error':
      return random.pick([1, 10, 100])
    case 'delay':
    case 'ambush':
      return random.pick([20, 200, 1_500])
    case 'clock-jump':
      return random.pick([-120_000, -900, 900, 120_000, 7_200_000])
    default:
      return 0
  }
}

function brokersBut(brokerId: number, brokerCount: number): number[] {
  return Array.from({ length: brokerCount }, (_, index) => index + 1).filter((id) => id !== brokerId)
}
