/** The commands that `serve --json` reads, one a line, each answered by one object. */
import { type Cluster, parseInterceptionRule } from '../cluster'
import { toWireError } from '../shared/ipc/errors'

export type CommandAnswer =
  | { readonly ok: true; readonly command: string; readonly [field: string]: unknown }
  | { readonly ok: false; readonly command: string; readonly error: string; readonly code: string }

type Command = (cluster: Cluster, brokerId: number) => Promise<void> | void

const REMOVE_RULE = 'remove-interception'

/** A map, not an object: `constructor 1` is no command. */
const withBroker = new Map<string, Command>([
  ['kill', (cluster, brokerId) => cluster.killBroker(brokerId)],
  ['stop', (cluster, brokerId) => cluster.stopBroker(brokerId)],
  ['start', (cluster, brokerId) => cluster.startBroker(brokerId)],
  ['freeze', (cluster, brokerId) => cluster.freezeBroker(brokerId)],
  ['resume', (cluster, brokerId) => cluster.resumeBroker(brokerId)],
  ['remove', (cluster, brokerId) => cluster.removeBroker(brokerId)],
  [REMOVE_RULE, (cluster, id) => cluster.removeInterception(id)],
])
const withoutArgument = new Set([
  'status',
  'add',
  'quit',
  'interceptions',
  'clear-interceptions',
  'kill-registry',
  'start-registry',
])
const wordsShownMax = 60

/** Never throws: what went wrong is in the answer. */
export async function runCommand(cluster: Cluster, line: string): Promise<CommandAnswer> {
  const [command = '', argument, ...rest] = line.trim().split(/\s+/)
  try {
    if (command === 'intercept') return intercept(cluster, line.trim().slice(command.length))
    const action = withBroker.get(command)
    if (action === undefined && !withoutArgument.has(command)) {
      return refused(
        command,
        `Unknown command '${cut(command)}'. There are: status, kill ID, stop ID, start ID, freeze ID, resume ID, add, remove ID, intercept RULE, interceptions, remove-interception NUMBER, clear-interceptions, kill-registry, start-registry, quit`,
      )
    }
    if (rest.length > 0) return refused(command, `Too many words: '${cut(line.trim())}'`)
    if (action !== undefined) {
      if (argument === undefined || !/^\d{1,9}$/.test(argument))
        return refused(
          command,
          `${command} takes a ${command === REMOVE_RULE ? 'rule’s number' : 'broker id'}, as in '${command} 1'`,
        )
      const brokerId = Number(argument)
      await action(cluster, brokerId)
      return command === REMOVE_RULE ? { ok: true, command, id: brokerId } : { ok: true, command, brokerId }
    }
    if (argument !== undefined) return refused(command, `${command} takes no argument`)
    if (command === 'status') return { ok: true, command, ...status(cluster) }
    if (command === 'interceptions') return { ok: true, command, interceptions: await cluster.listInterceptions() }
    if (command === 'clear-interceptions') cluster.clearInterceptions()
    if (command === 'kill-registry') await cluster.killRegistry()
    if (command === 'start-registry') await cluster.startRegistry()
    if (command === 'add') {
      const brokerId = await cluster.addBroker()
      return { ok: true, command, brokerId, bootstrapServers: cluster.bootstrapServers }
    }
    return { ok: true, command }
  } catch (error) {
    const { code, message } = toWireError(error)
    return { ok: false, command, error: message, code }
  }
}

/** The rest of the line is a rule as JSON, with "broker" where it is for one of them only. */
function intercept(cluster: Cluster, text: string): CommandAnswer {
  const command = 'intercept'
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch {
    return refused(
      command,
      `intercept takes a rule as JSON, as in 'intercept {"match":{"api":"Produce"},"action":{"kind":"drop-answer"},"times":3}'`,
    )
  }
  const { broker = null, ...rest } = typeof input === 'object' && input !== null ? (input as { broker?: unknown }) : {}
  if (broker !== null && (typeof broker !== 'number' || !Number.isSafeInteger(broker)))
    return refused(command, '"broker" is a broker id')
  const rule = parseInterceptionRule(Array.isArray(input) || input === null ? input : rest)
  if (!rule.ok) return refused(command, rule.error)
  return { ok: true, command, id: cluster.intercept(rule.value, broker) }
}

/** A megabyte on one line must not come back as two. */
function cut(text: string): string {
  return text.length > wordsShownMax ? `${text.slice(0, wordsShownMax)}…` : text
}

function refused(command: string, error: string): CommandAnswer {
  return { ok: false, command: cut(command), error, code: 'INVALID_COMMAND' }
}

function status(cluster: Cluster): object {
  const view = cluster.view()
  return {
    state: view.state,
    clusterId: view.clusterId,
    controllerId: view.controllerId,
    controllerEpoch: view.controllerEpoch,
    bootstrapServers: view.bootstrapServers,
    brokers: view.brokers.map(
      ({ id, state, reason, host, port, isController, isRegistered, leaderCount, replicaCount, logBytes }) => ({
        id,
        state,
        reason,
        host,
        port,
        isController,
        isRegistered,
        leaderCount,
        replicaCount,
        logBytes,
      }),
    ),
    coordination: view.coordination,
    registry: view.registry,
    topicCount: view.topicCount,
    partitionCount: view.partitionCount,
    underReplicatedCount: view.underReplicatedCount,
    offlineCount: view.offlineCount,
  }
}
