/** Python's clients: Debian's packages as they are, and the current ones of the package index in virtual environments of their own. */
import { join } from 'node:path'
import { type Command, commandCodecClient } from '../codecs/command-client'
import { complaintOf } from '../run/programs'
import { type Codec, type CodecClient, type CompatSuite, codecs, type KnownFailure, type SuiteContext } from '../run/suite'
import { debianModule, type Found, virtualEnvironment } from '../run/toolchains'

type Tools = Pick<SuiteContext, 'cacheDirectory' | 'run'>
type Python = Found<{ readonly python: string; readonly version: string }>

interface PythonClient {
  readonly name: string
  readonly script: string
  readonly writes: readonly Codec[]
  readonly reads: readonly Codec[]
  readonly knownFailures?: readonly KnownFailure[]
  readonly isInQuickRuns?: boolean
  find(tools: Tools): Promise<Python>
}

const versionOf = {
  kafkaPython: 'm.__version__',
  aiokafka: 'm.__version__',
  confluent: '"%s (librdkafka %s)" % (m.version()[0] if isinstance(m.version(), tuple) else m.version(), m.libversion()[0])',
}

/** The newest of the package index on the day that this was written; a newer one is a new line here, and a run. */
const current = {
  confluent: ['confluent-kafka==2.16.1'],
  kafkaPython: ['kafka-python==3.0.12', 'lz4==4.4.5', 'python-snappy==0.7.3', 'zstandard==0.25.0', 'crc32c==2.9.post0'],
  aiokafka: ['aiokafka[snappy,lz4,zstd]==0.14.0'],
}

const fromIndex =
  (name: string, packages: readonly string[], module: string, expression: string) =>
  async (tools: Tools): Promise<Python> => {
    const made = await virtualEnvironment(tools, name, packages)
    if (!made.isFound) return made
    const asked = await tools.run(made.python, ['-c', `import ${module} as m; print(${expression})`])
    if (asked.code !== 0) return { isFound: false, why: complaintOf(`import ${module}`, asked) }
    return { isFound: true, python: made.python, version: asked.stdout.toString().trim() }
  }

const clients: readonly PythonClient[] = [
  {
    name: 'debian-confluent-kafka',
    script: 'confluent.py',
    writes: codecs,
    reads: codecs,
    find: (tools) => debianModule(tools, 'confluent_kafka as m', versionOf.confluent, 'python3-confluent-kafka'),
  },
  {
    name: 'confluent-kafka',
    script: 'confluent.py',
    writes: codecs,
    reads: codecs,
    isInQuickRuns: false,
    find: fromIndex('confluent-kafka', current.confluent, 'confluent_kafka', versionOf.confluent),
  },
  {
    name: 'debian-kafka-python',
    script: 'kafka_python.py',
    writes: codecs,
    reads: codecs,
    knownFailures: [
      {
        check: 'goes on after a pause',
        reason:
          'kafka-python 2.0 drops what it has fetched of a paused partition and then goes on behind it: its own log says "Advance position … to correct for deleted compacted messages"; fixed in later versions',
      },
    ],
    find: (tools) => debianModule(tools, 'kafka as m', versionOf.kafkaPython, 'python3-kafka'),
  },
  {
    name: 'kafka-python',
    script: 'kafka_python.py',
    writes: codecs,
    reads: codecs,
    isInQuickRuns: false,
    find: fromIndex('kafka-python', current.kafkaPython, 'kafka', versionOf.kafkaPython),
  },
  {
    name: 'aiokafka',
    script: 'aio.py',
    writes: codecs,
    reads: codecs,
    isInQuickRuns: false,
    find: fromIndex('aiokafka', current.aiokafka, 'aiokafka', versionOf.aiokafka),
  },
]

async function commandOf(client: PythonClient, tools: Tools): Promise<Command> {
  const found = await client.find(tools)
  return found.isFound
    ? { version: found.version, command: [found.python, join(__dirname, client.script)] }
    : { skipped: found.why }
}

function suiteOf(client: PythonClient): CompatSuite {
  let command: readonly string[] = []
  return {
    name: client.name,
    ...(client.knownFailures === undefined ? {} : { knownFailures: client.knownFailures }),
    ...(client.isInQuickRuns === undefined ? {} : { isInQuickRuns: client.isInQuickRuns }),
    async prepare(tools) {
      const found = await commandOf(client, tools)
      if ('skipped' in found) return found
      command = found.command
      return { version: found.version }
    },
    async run(context) {
      const server = await context.serve()
      const [program = '', ...first] = command
      const args = [...first, 'check', '--bootstrap', server.bootstrapServers, ...(context.isQuick ? ['--quick'] : [])]
      const result = await context.run(program, args, { timeLimitMs: 9 * 60_000 })
      const count = context.checks.addLines(result.stdout.toString())
      if (result.code !== 0 || count === 0)
        context.checks.failed(`${client.script} ran to its end`, complaintOf(client.script, result))
    },
  }
}

export const suites: readonly CompatSuite[] = clients.map(suiteOf)

/** Debian has the codecs of kafka-python in packages of their own, and without them its suite only skips a check each. */
const codecsAreThere = 'import kafka.codec as c; assert c.has_snappy() and c.has_lz4() and c.has_zstd()'

async function withCodecs(client: PythonClient, tools: Tools): Promise<Command> {
  const found = await commandOf(client, tools)
  if ('skipped' in found || client.name !== 'debian-kafka-python') return found
  const asked = await tools.run(found.command[0] ?? '', ['-c', codecsAreThere])
  return asked.code === 0
    ? found
    : { skipped: 'its codecs are not installed (apt-get install python3-lz4 python3-snappy python3-zstandard)' }
}

export const codecClients: readonly CodecClient[] = clients.map((client) =>
  commandCodecClient({
    name: client.name,
    writes: client.writes,
    reads: client.reads,
    find: (tools) => withCodecs(client, tools),
  }),
)
