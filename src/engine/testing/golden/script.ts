/**
 * The little language of the golden traces, after etcd raft's interaction tests. A trace is a text: lines at the margin are commands,
 * indented lines are what happened, lines that begin with # say what it is about. Running a trace means writing it anew from its commands;
 * a test compares the two.
 *
 *     cluster 1,2,3 [min-isr=2] [lag=10000] [batch=100]   must come first
 *     leader 1 epoch 5 isr 1,2,3 [to=1,2]                 the controller decides, and tells (all live, or those named)
 *     append 1 x3 [acks=all]                              a producer
 *     fetch 2 …                                           followers send their next fetch
 *     deliver [drop=2>1,…]                                everything under way arrives, but for what is dropped; answers stay under way
 *     stabilize                                           fetch and deliver until nothing changes
 *     crash 1 · expire 1 [to=…] · restart 1 [lose=2]      the process, the controller's knowledge of it, a new start
 *     elect 2 [unclean] [to=…]                            a new leader, told to all or to some
 *     announce [to=…]                                     says again what was decided
 *     checkpoint 1 · wait 11000 · shrink 1 · repeat 1     high watermark to disk, time, the periodic ISR check, an unanswered proposal again
 *     delete-before 1 5                                   retention on a leader
 *     consume 1 [from=0]                                  what a consumer is given
 *     show                                                all replicas
 *     expect 1 leo=3 hw=2 role=leader isr=1,2 …           fails the test where it does not hold
 *     expect acked 3 · expect lost 2                      acknowledged records so far; those missing at the present leader
 */
import { assert } from '../../../shared/lang/assert'
import { errorName } from '../../wire/errors'
import { CONTROLLER, type Message, ModelCluster } from './model-cluster'

const STABILIZE_ROUNDS_MAX = 60
/** A fetch and its answer take two rounds, and may bring the high watermark only. */
const STABLE_AFTER_ROUNDS = 4

/** Runs the commands of `trace` and answers the trace as it should be. */
export function runTrace(trace: string): string {
  const lines: string[] = []
  let run: TraceRun | null = null
  for (const line of trace.split('\n')) {
    if (line.startsWith(' ')) continue
    lines.push(line)
    if (line === '' || line.startsWith('#')) continue
    const command = parseCommand(line)
    if (command.verb === 'cluster') run = new TraceRun(command)
    else if (!run) throw new Error('a trace begins with its cluster')
    else lines.push(...run.run(command).map((output) => `  ${output}`))
  }
  return lines.join('\n')
}

interface Command {
  readonly line: string
  readonly verb: string
  readonly words: readonly string[]
  readonly options: ReadonlyMap<string, string>
}

function parseCommand(line: string): Command {
  const [verb = '', ...rest] = line.trim().split(/\s+/)
  const options = new Map<string, string>()
  const words: string[] = []
  for (const word of rest) {
    const [name, value] = word.split('=', 2)
    if (name !== undefined && value !== undefined) options.set(name, value)
    else words.push(word)
  }
  return { line, verb, words, options }
}

const numbers = (text: string) => text.split(',').map(Number)

class TraceRun {
  private readonly cluster: ModelCluster

  constructor({ words, options }: Command) {
    this.cluster = new ModelCluster({
      replicas: numbers(words[0] ?? '1,2,3'),
      minInSyncReplicas: Number(options.get('min-isr') ?? 1),
      replicaLagTimeMaxMs: Number(options.get('lag') ?? 10_000),
      fetchRecordsMax: Number(options.get('batch') ?? 100),
    })
  }

  run(command: Command): string[] {
    const output = this.perform(command)
    return [...output, ...this.takeEvents()]
  }

  private perform({ line, verb, words, options }: Command): string[] {
    const { cluster } = this
    const first = Number(words[0])
    const to = options.has('to') ? numbers(options.get('to') ?? '') : undefined
    switch (verb) {
      case 'leader':
        cluster.controller.set(first, Number(words[2]), numbers(words[4] ?? ''))
        return this.announce(to)
      case 'elect': {
        const refusal = cluster.controller.elect(first, words[1] === 'unclean')
        return refusal ? [`not elected: ${refusal}`] : this.announce(to)
      }
      case 'announce':
        return this.announce(to)
      case 'append':
        cluster.append(first, Number((words[1] ?? 'x1').slice(1)), options.get('acks') === 'all' ? -1 : 1)
        return []
      case 'fetch':
        for (const id of words) cluster.fetch(Number(id))
        return []
      case 'deliver':
        return this.deliver(new Set((options.get('drop') ?? '').split(',')))
      case 'stabilize':
        return this.stabilize()
      case 'crash':
        cluster.crash(first)
        return []
      case 'expire':
        cluster.controller.expire(first)
        return this.announce(to)
      case 'restart':
        cluster.restart(first, Number(options.get('lose') ?? 0))
        return this.deliver(new Set(), CONTROLLER)
      case 'checkpoint':
        cluster.checkpoint(first)
        return []
      case 'wait':
        cluster.advance(first)
        return []
      case 'shrink':
        cluster.shrink(first)
        return []
      case 'repeat':
        cluster.repeatProposal(first)
        return []
      case 'delete-before':
        cluster.broker(first).log.setLogStartOffset(Number(words[1]))
        return []
      case 'consume':
        return [this.consume(first, Number(options.get('from') ?? 0))]
      case 'show':
        return [...cluster.brokers.keys()].map((id) => this.describe(id)).concat(this.describeController())
      case 'expect':
        this.expect(words, options, line)
        return []
      default:
        throw new Error(`no such command: ${line}`)
    }
  }

  private announce(to: readonly number[] | undefined): string[] {
    this.cluster.announce(to)
    return [this.describeController(), ...this.deliver(new Set(), CONTROLLER)]
  }

  /** What is under way now arrives; what that sets off does not. From one sender only, where given. */
  private deliver(dropped: ReadonlySet<string>, from?: number): string[] {
    const { cluster } = this
    const output = this.takeEvents()
    for (const message of [...cluster.messages]) {
      if (from !== undefined && message.from !== from) continue
      const link = `${name(message.from)}>${name(message.to)}`
      if (dropped.has(link)) {
        cluster.disconnect(message.from, message.to)
        output.push(`${link} ${describeMessage(message)}: lost`)
        continue
      }
      const links = firstOfLinks(cluster.messages)
      const index = links.indexOf(message)
      if (index < 0) continue
      cluster.deliverNext(index)
      if (message.kind !== 'command') output.push(`${link} ${describeMessage(message)}`)
      output.push(...this.takeEvents())
    }
    return output
  }

  private stabilize(): string[] {
    const { cluster } = this
    const output: string[] = []
    let before = ''
    let quietRounds = 0
    for (let round = 0; round < STABILIZE_ROUNDS_MAX; round++) {
      for (const id of cluster.brokers.keys()) cluster.fetch(id)
      // The messages of a long way round are of no interest, what they do is.
      output.push(...this.deliver(new Set()).filter((line) => !line.includes('>')))
      const after = [...cluster.brokers.keys()].map((id) => this.describe(id)).join() + this.describeController()
      const isQuiet = cluster.messages.every((message) => message.kind === 'fetch' || message.kind === 'answer')
      quietRounds = after === before && isQuiet ? quietRounds + 1 : 0
      if (quietRounds === STABLE_AFTER_ROUNDS) return output
      before = after
    }
    throw new Error('the cluster does not come to rest')
  }

  private consume(id: number, from: number): string {
    const result = this.cluster.broker(id).replica?.read({
      replicaId: -1,
      fetchOffset: from,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      maxBytes: 1_000_000,
      minOneMessage: true,
      isolation: 'read_uncommitted',
      nowMs: this.cluster.nowMs,
    })
    if (!result) return `${id} is down`
    if (result.errorCode !== 0) return `consumer: ${errorName(result.errorCode)}`
    return `consumer: ${result.slice ? `${from}..${result.slice.nextOffset - 1}` : 'nothing'}, high watermark ${result.highWatermark}`
  }

  private describe(id: number): string {
    const { replica, log } = this.cluster.broker(id)
    if (!replica) return `${id} down      ${log.describe()}`
    const { state } = replica
    const text = `${id} ${state.role.padEnd(8)}  ${log.describe()}  hw=${replica.highWatermark} epoch=${state.leaderEpoch}`
    if (state.role === 'follower') return `${text} leader=${state.leaderId}`
    if (state.role !== 'leader') return text
    const { isr } = state
    const change =
      isr.kind === 'pending-expand' ? `+${isr.added}` : isr.kind === 'pending-shrink' ? `-${isr.removed.join(',')}` : ''
    return `${text} isr=${isr.isr.join(',')}${change}`
  }

  private describeController(): string {
    const { leaderId, leaderEpoch, partitionEpoch, isr } = this.cluster.controller
    return `controller: leader=${leaderId} epoch=${leaderEpoch} isr=${isr.join(',')} partition epoch=${partitionEpoch}`
  }

  private expect(words: readonly string[], options: ReadonlyMap<string, string>, line: string): void {
    const [subject = '', count] = words
    if (subject === 'acked') return assert(this.cluster.acked.size === Number(count), `${line}: it is ${this.cluster.acked.size}`)
    if (subject === 'lost') return assert(this.lostCount() === Number(count), `${line}: it is ${this.lostCount()}`)
    const { replica, log } = this.cluster.broker(Number(subject))
    const state = replica?.state
    const actual: Readonly<Record<string, string | number | undefined>> = {
      leo: log.logEndOffset,
      start: log.logStartOffset,
      hw: replica?.highWatermark,
      role: state?.role,
      epoch: state?.leaderEpoch,
      isr: state?.role === 'leader' ? state.isr.isr.join(',') : undefined,
    }
    for (const [key, value] of options) assert(String(actual[key]) === value, `${line}: ${key} is ${actual[key]}`)
  }

  private lostCount(): number {
    const { acked, controller } = this.cluster
    const { log } = this.cluster.broker(controller.leaderId)
    return [...acked].filter(([offset, value]) => log.recordAt(offset)?.value !== value).length
  }

  private takeEvents(): string[] {
    return this.cluster.events.splice(0)
  }
}

function firstOfLinks(messages: readonly Message[]): Message[] {
  const firsts: Message[] = []
  for (const message of messages) {
    if (!firsts.some((other) => other.from === message.from && other.to === message.to)) firsts.push(message)
  }
  return firsts
}

const name = (id: number) => (id === CONTROLLER ? 'controller' : String(id))

function describeMessage(message: Message): string {
  switch (message.kind) {
    case 'command':
      return `leader ${message.command.leaderId} epoch ${message.command.leaderEpoch}`
    case 'fetch':
      return `fetch ${message.position.fetchOffset} (epoch ${message.position.leaderEpoch}, last ${message.position.lastFetchedEpoch})`
    case 'answer': {
      const { result, records } = message
      if (result.errorCode !== 0) return errorName(result.errorCode)
      const { divergingEpoch } = result
      if (divergingEpoch) return `diverging: epoch ${divergingEpoch.epoch} ends at ${divergingEpoch.endOffset}`
      return `${records.length / 32} records, hw ${result.highWatermark}`
    }
    case 'ask-offsets':
      return 'where does your log begin and end?'
    case 'offsets':
      return `from ${message.startOffset} to ${message.endOffset}`
    case 'alter-partition':
      return `isr ${message.proposal.newIsr.map((member) => member.brokerId).join(',')}?`
    case 'altered':
      return message.outcome.ok ? `isr ${message.outcome.isr.join(',')}` : message.outcome.error
  }
}
