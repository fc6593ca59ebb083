/**
 * `serve`: the cluster without a window. Standard output carries the ready line and the answers to commands, and nothing else;
 * everything for a person goes to standard error.
 */
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Cluster, formatLogEntry, type LogEntry } from '../cluster'
import { toWireError, WorkbenchError } from '../shared/ipc/errors'
import type { ServeArguments } from './arguments'
import { runCommand } from './commands'

export const defaultServeDirectory = 'broker-workbench-data'

/** Runs until told to quit; answers the exit code. */
export async function serve(args: ServeArguments, workerDirectory: string): Promise<number> {
  let cluster: Cluster | null = null
  let hasQuit = false
  let quit = (): void => undefined
  const quitAsked = new Promise<void>((done) => {
    quit = () => {
      hasQuit = true
      done()
    }
  })
  process.on('SIGTERM', quit)
  process.on('SIGINT', quit)
  try {
    cluster = Cluster.open({
      dataDirectory: resolve(args.dataDirectory ?? defaultServeDirectory),
      workerDirectory,
      onTakenPort: 'fail',
      onLog: printImportant,
      ...(args.brokerCount === null ? {} : { brokerCount: args.brokerCount }),
      ...(args.brokerPorts === null ? {} : { brokerPorts: args.brokerPorts }),
      ...(args.coordinationPort === null ? {} : { coordinationPort: args.coordinationPort }),
      ...(args.hasRegistry ? { registry: args.registryPort === null ? {} : { port: args.registryPort } } : {}),
      brokerConfigs: args.configs,
      ...(args.racks === null ? {} : { brokerRacks: args.racks }),
      ...(args.security === null ? {} : { security: args.security }),
      ...(args.sessionTimeoutMs === null ? {} : { sessionTimeoutMs: args.sessionTimeoutMs }),
    })
    await Promise.race([cluster.whenServing(), quitAsked])
    if (!hasQuit) {
      announce(cluster, args.isJson)
      if (args.isJson) readCommands(cluster, quit)
      await quitAsked
    }
    return 0
  } catch (error) {
    const { kind, message, cause } = toWireError(error)
    console.error(message)
    if (kind === 'bug' && cause !== null) console.error(cause)
    return error instanceof WorkbenchError && error.kind === 'expected' ? 2 : 1
  } finally {
    await cluster?.stop()
  }
}

function announce(cluster: Cluster, isJson: boolean): void {
  if (isJson) {
    const { bootstrapServers, coordinationAddress: coordination, registryUrl, securityFiles } = cluster
    console.log(
      JSON.stringify({
        bootstrapServers,
        coordination,
        ...(registryUrl === null ? {} : { registry: registryUrl }),
        ...(securityFiles === null ? {} : { security: securityFiles }),
      }),
    )
    return
  }
  console.log(`Kafka          ${cluster.bootstrapServers}`)
  console.log(`Coordination   ${cluster.coordinationAddress}  (ZooKeeper protocol)`)
  if (cluster.registryUrl !== null) console.log(`Schemas        ${cluster.registryUrl}  (Confluent's REST API)`)
  console.log(`Data           ${cluster.view().dataDirectory}`)
  if (cluster.securityFiles !== null) console.log(`Trust          ${cluster.securityFiles.authorityFile}`)
  console.log('Ctrl C stops it.')
}

/** One answer a command, in the order of the commands. The end of the input is no command: whoever closes it may still want the cluster. */
function readCommands(cluster: Cluster, quit: () => void): void {
  let last: Promise<void> = Promise.resolve()
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.trim() === '') return
    last = last.then(async () => {
      const answer = await runCommand(cluster, line)
      console.log(JSON.stringify(answer))
      if (answer.ok && answer.command === 'quit') quit()
    })
  })
}

function printImportant(entry: LogEntry): void {
  if (entry.level === 'warn' || entry.level === 'error') console.error(formatLogEntry(entry))
}
