/**
 * Serializers and deserializers against our codecs, both ways: each client writes cases to a topic with the JSON that they mean, bridge.ts decodes
 * them, encodes that JSON anew, and the client reads it back. What the registry answers in doing so is under test as well: descriptors, references, GUIDs.
 */
import { join } from 'node:path'
import { complaintOf } from '../run/programs'
import type { CompatSuite, KnownFailure, SuiteContext } from '../run/suite'
import { type Found, npmFolder, virtualEnvironment } from '../run/toolchains'
import { Bridge } from './bridge'

type Tools = Pick<SuiteContext, 'cacheDirectory' | 'run'>
type Command = (registry: string, bootstrap: string, topic: string) => readonly string[]

/** As in ../registry; the folders of the cache are shared with it where they hold the same. */
const versions = { kafkajs: '4.1.0', confluent: '1.10.1', python: '2.16.1' }
const kafkaClient = 'kafkajs@2.2.4'
const pythonPackages = [
  `confluent-kafka==${versions.python}`,
  ...[
    'attrs',
    'authlib',
    'cachetools',
    'certifi',
    'fastavro',
    'httpx',
    'jsonschema',
    'orjson',
    'pyyaml',
    'referencing',
    'requests',
  ],
  // For Protobuf: the runtime, protoc as a module, and the types that its serializer imports.
  ...['googleapis-common-protos', 'grpcio-tools'],
]

/**
 * A registry keeps the canonical text, in which nested messages stand behind fields, and makes the descriptor of it with the entries of maps last.
 */
const pythonKnownFailures: readonly KnownFailure[] = [
  {
    check: 'Protobuf, two levels down behind a map, what is written here the client reads',
    reason:
      'The client counts the entries of maps in message indexes where its own descriptor has them; in what format=serialized gives they come last, as canonical text cannot say where they stood.',
  },
]

interface Client {
  readonly name: string
  readonly knownFailures?: readonly KnownFailure[]
  readonly isInQuickRuns: boolean
  find(tools: Tools): Promise<Found<{ readonly version: string; readonly command: Command }>>
}

function nodeClient(name: string, script: string, module: string, version: string): Client {
  return {
    name: `${name}-serdes`,
    isInQuickRuns: true,
    async find(tools) {
      const folder = await npmFolder(tools, name, [`${module}@${version}`, kafkaClient])
      if (!folder.isFound) return folder
      const command: Command = (registry, bootstrap, topic) => [
        process.execPath,
        join(__dirname, script),
        registry,
        bootstrap,
        folder.directory,
        topic,
      ]
      return { isFound: true, version, command }
    },
  }
}

const clients: readonly Client[] = [
  nodeClient('registry-confluent', 'confluent.cjs', '@confluentinc/schemaregistry', versions.confluent),
  nodeClient('registry-kafkajs', 'kafkajs.cjs', '@kafkajs/confluent-schema-registry', versions.kafkajs),
  {
    name: 'registry-python-serdes',
    knownFailures: pythonKnownFailures,
    isInQuickRuns: false,
    async find(tools) {
      const made = await virtualEnvironment(tools, 'registry-serdes', pythonPackages)
      if (!made.isFound) return made
      const command: Command = (...args) => [made.python, join(__dirname, 'confluent_serdes.py'), ...args]
      return { isFound: true, version: versions.python, command }
    },
  },
]

function suiteOf(client: Client): CompatSuite {
  let commandFor: Command = () => []
  return {
    name: client.name,
    isInQuickRuns: client.isInQuickRuns,
    ...(client.knownFailures === undefined ? {} : { knownFailures: client.knownFailures }),
    timeLimitMs: 5 * 60_000,
    async prepare(tools) {
      const found = await client.find(tools)
      if (!found.isFound) return { skipped: found.why }
      commandFor = found.command
      return { version: found.version }
    },
    async run(context) {
      const server = await context.serve(['--brokers', '3', '--registry-port', '0'])
      const bridge = await Bridge.start(server.bootstrapServers, server.registry, client.name, context.checks)
      try {
        const [program = '', ...args] = commandFor(server.registry, server.bootstrapServers, client.name)
        const result = await context.run(program, args, { timeLimitMs: 4 * 60_000 })
        const count = context.checks.addLines(result.stdout.toString())
        if (result.code !== 0 || count === 0) context.checks.failed(`${client.name} ran to its end`, complaintOf(program, result))
      } finally {
        await bridge.end()
      }
    },
  }
}

export const suites: readonly CompatSuite[] = clients.map(suiteOf)
