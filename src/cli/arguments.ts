/** The command line of `serve`: what it takes, checked before anything is started. */
import { parseArgs } from 'node:util'
import type { ClusterSecurity } from '../cluster'
import { autoCreatingConfigs } from '../cluster'
import { err, ok, type Result } from '../shared/lang/result'
import { securityArguments } from './security-arguments'

export interface ServeArguments {
  readonly brokerCount: number | null
  readonly brokerPorts: readonly number[] | null
  readonly coordinationPort: number | null
  readonly registryPort: number | null
  readonly hasRegistry: boolean
  readonly dataDirectory: string | null
  readonly sessionTimeoutMs: number | null
  readonly racks: readonly string[] | null
  /** Null: nobody has to say who he is, and everybody may everything. */
  readonly security: ClusterSecurity | null
  /** Broker configs, for all brokers. */
  readonly configs: Readonly<Record<string, string>>
  readonly isJson: boolean
  readonly isHelp: boolean
}

export const serveUsage = `Usage: serve [--brokers N] [--port P[,P…]] [--coordination-port P] [--registry-port P | --no-registry] [--data-dir DIR] [--session-timeout-ms MS] [--rack R[,R…]] [--auto-create-topics] [--config NAME=VALUE]…
             [--sasl M[,M…] --user NAME:PASSWORD…] [--tls] [--client-certificates requested|required] [--acls --super-user NAME…] [--json]

  --brokers N              how many brokers, 1 to 64 (a new workspace: 3)
  --port P[,P…]            the first broker's port, the next ones follow; or one for each broker; 0 takes free ports (9092)
  --coordination-port P    the ZooKeeper-protocol port; 0 takes a free one (2181)
  --registry-port P        the schema registry's port; 0 takes a free one (8081, or the next one that is free)
  --no-registry            no schema registry
  --data-dir DIR           where everything is kept (./broker-workbench-data)
  --session-timeout-ms MS  how long a broker's silent death goes unnoticed, 500 to 60000 (1500)
  --rack R[,R…]            in which rack each broker says to stand, so that consumers with a rack read nearby
  --auto-create-topics     a topic that a client asks for and that there is not comes into being, with 4 partitions
  --config NAME=VALUE      a broker config under Kafka's name, for all brokers; as often as need be
  --sasl M[,M…]            clients log in by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, or all
  --user NAME:PASSWORD     a user for --sasl; as often as you like. Others of this machine can read your command line
  --tls                    clients connect with TLS; the certificate to trust is in security/ of the data directory
  --client-certificates K  brokers ask clients for certificates with TLS: requested, or required
  --acls                   who may what is decided by ACLs
  --super-user NAME        a user, or a principal, that ACLs do not bind; as often as you like
  --json                   one JSON line when every broker serves, then commands on standard input, one a line:
                           status, kill ID, stop ID, start ID, freeze ID, resume ID, add, remove ID, intercept RULE,
                           interceptions, remove-interception NUMBER, clear-interceptions,
                           kill-registry, start-registry, quit`

/** The first thing wrong is said in one line. */
export function parseServeArguments(argv: readonly string[]): Result<ServeArguments, string> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    return err((error as Error).message.split('. ')[0] ?? 'Bad arguments')
  }
  const { values, positionals } = parsed
  const stray = positionals[0]
  if (stray !== undefined) return err(`Unexpected argument '${stray}'`)
  const brokers = optionalInteger('--brokers', values.brokers, 1, 64)
  if (!brokers.ok) return brokers
  const ports = portList(values.port)
  if (!ports.ok) return ports
  const coordinationPort = optionalInteger('--coordination-port', values['coordination-port'], 0, 65_535)
  if (!coordinationPort.ok) return coordinationPort
  const registryPort = optionalInteger('--registry-port', values['registry-port'], 0, 65_535)
  if (!registryPort.ok) return registryPort
  const hasRegistry = values['no-registry'] !== true
  if (!hasRegistry && registryPort.value !== null) return err('--registry-port and --no-registry contradict each other')
  const sessionTimeoutMs = optionalInteger('--session-timeout-ms', values['session-timeout-ms'], 500, 60_000)
  if (!sessionTimeoutMs.ok) return sessionTimeoutMs
  const racks = values.rack === undefined ? null : values.rack.split(',').map((rack) => rack.trim())
  if (racks?.includes('') === true) return err('--rack lists names, as in --rack a,b,c')
  const configs = brokerConfigs(values.config ?? [], values['auto-create-topics'] ?? false)
  if (!configs.ok) return configs
  const security = securityArguments(values)
  if (!security.ok) return security
  if (values['data-dir'] === '') return err('--data-dir takes a directory')
  if (ports.value !== null && brokers.value !== null && ports.value.length > brokers.value) {
    return err(`--port lists ${ports.value.length} ports for ${brokers.value} broker${brokers.value === 1 ? '' : 's'}`)
  }
  return ok({
    brokerCount: brokers.value,
    brokerPorts: ports.value,
    coordinationPort: coordinationPort.value,
    registryPort: registryPort.value,
    hasRegistry,
    dataDirectory: values['data-dir'] ?? null,
    sessionTimeoutMs: sessionTimeoutMs.value,
    racks,
    security: security.value,
    configs: configs.value,
    isJson: values.json ?? false,
    isHelp: values.help ?? false,
  })
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      brokers: { type: 'string' },
      port: { type: 'string' },
      'coordination-port': { type: 'string' },
      'registry-port': { type: 'string' },
      'no-registry': { type: 'boolean' },
      'data-dir': { type: 'string' },
      'session-timeout-ms': { type: 'string' },
      rack: { type: 'string' },
      sasl: { type: 'string' },
      user: { type: 'string', multiple: true },
      tls: { type: 'boolean' },
      'client-certificates': { type: 'string' },
      acls: { type: 'boolean' },
      'super-user': { type: 'string', multiple: true },
      'auto-create-topics': { type: 'boolean' },
      config: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}

/** Whether there is such a config, and such a value, the brokers say when they start. */
function brokerConfigs(given: readonly string[], createsTopics: boolean): Result<Record<string, string>, string> {
  const configs: Record<string, string> = createsTopics ? { ...autoCreatingConfigs } : {}
  for (const text of given) {
    const separator = text.indexOf('=')
    if (separator < 1) return err(`--config takes NAME=VALUE, not '${text}'`)
    configs[text.slice(0, separator).trim()] = text.slice(separator + 1)
  }
  return ok(configs)
}

function optionalInteger(name: string, text: string | undefined, min: number, max: number): Result<number | null, string> {
  if (text === undefined) return ok(null)
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max)
    return err(`${name} takes a whole number from ${min} to ${max}, not '${text}'`)
  return ok(value)
}

function portList(text: string | undefined): Result<readonly number[] | null, string> {
  if (text === undefined) return ok(null)
  const ports: number[] = []
  for (const part of text.split(',')) {
    const port = optionalInteger('--port', part.trim(), 0, 65_535)
    if (!port.ok) return port
    if (port.value === null) continue
    if (port.value !== 0 && ports.includes(port.value)) return err(`--port names ${port.value} twice`)
    ports.push(port.value)
  }
  return ok(ports)
}
