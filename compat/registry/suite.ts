/** Clients of the schema registry: each registers, evolves, fetches, checks, deletes, and serializes to a topic and back. */
import { join } from 'node:path'
import { complaintOf } from '../run/programs'
import type { CompatSuite, SuiteContext } from '../run/suite'
import { debianModule, type Found, npmFolder, virtualEnvironment } from '../run/toolchains'

type Tools = Pick<SuiteContext, 'cacheDirectory' | 'run'>

/** The newest of their registries on the day that this was written; a newer one is a new line here, and a run. */
const versions = { kafkajs: '4.1.0', confluent: '1.10.1', python: '2.16.1' }
/** What its extras (avro, json, schemaregistry) are made of; named one by one, since they ask for a newer certifi than some mirrors of the index have. */
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
]
/** Writes and reads the topics for the clients of Node. */
const kafkaClient = 'kafkajs@2.2.4'

interface Client {
  readonly name: string
  readonly isInQuickRuns: boolean
  find(
    tools: Tools,
  ): Promise<Found<{ readonly version: string; command(registry: string, bootstrap: string): readonly string[] }>>
}

function nodeClient(name: string, script: string, module: string, version: string, isInQuickRuns: boolean): Client {
  return {
    name,
    isInQuickRuns,
    async find(tools) {
      const folder = await npmFolder(tools, name, [`${module}@${version}`, kafkaClient])
      if (!folder.isFound) return folder
      const command = (registry: string, bootstrap: string) => [
        process.execPath,
        join(__dirname, script),
        registry,
        bootstrap,
        folder.directory,
      ]
      return { isFound: true, version, command }
    },
  }
}

const pythonScript = join(__dirname, 'confluent_client.py')
const pythonCommand = (python: string) => (registry: string, bootstrap: string) => [python, pythonScript, registry, bootstrap]

const clients: readonly Client[] = [
  nodeClient('registry-kafkajs', 'kafkajs.cjs', '@kafkajs/confluent-schema-registry', versions.kafkajs, true),
  nodeClient('registry-confluent', 'confluent.cjs', '@confluentinc/schemaregistry', versions.confluent, true),
  {
    name: 'registry-debian-confluent-kafka',
    isInQuickRuns: true,
    async find(tools) {
      // Its registry client needs requests, which the package only suggests.
      const module = 'confluent_kafka.schema_registry, confluent_kafka as m'
      const found = await debianModule(tools, module, 'm.__version__', 'python3-confluent-kafka python3-requests')
      return found.isFound ? { ...found, command: pythonCommand(found.python) } : found
    },
  },
  {
    name: 'registry-python',
    isInQuickRuns: false,
    async find(tools) {
      const made = await virtualEnvironment(tools, 'registry-python', pythonPackages)
      return made.isFound ? { isFound: true, version: versions.python, command: pythonCommand(made.python) } : made
    },
  },
]

function suiteOf(client: Client): CompatSuite {
  let commandFor: (registry: string, bootstrap: string) => readonly string[] = () => []
  return {
    name: client.name,
    isInQuickRuns: client.isInQuickRuns,
    timeLimitMs: 5 * 60_000,
    async prepare(tools) {
      const found = await client.find(tools)
      if (!found.isFound) return { skipped: found.why }
      commandFor = found.command
      return { version: found.version }
    },
    async run(context) {
      const server = await context.serve(['--brokers', '3', '--registry-port', '0'])
      const [program = '', ...args] = commandFor(server.registry, server.bootstrapServers)
      const result = await context.run(program, args, { timeLimitMs: 4 * 60_000 })
      const count = context.checks.addLines(result.stdout.toString())
      if (result.code !== 0 || count === 0) context.checks.failed(`${client.name} ran to its end`, complaintOf(program, result))
    },
  }
}

export const suites: readonly CompatSuite[] = clients.map(suiteOf)
