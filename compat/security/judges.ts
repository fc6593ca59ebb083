/** The clients that judge, behind one verb: write a record and read it back with these credentials, or say why not. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs'

export interface Access {
  readonly bootstrap: string
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | null
  readonly user: string
  readonly password: string
  /** PEM file; null: no TLS. */
  readonly authority: string | null
  readonly certificate?: string | null
  readonly key?: string | null
  /** How long Java waits before it gives up; short for what has to fail by waiting. */
  readonly patienceMs?: number
  /** Java's own kind of files instead of PEM, as PKCS#12. */
  readonly stores?: { readonly trustStore: string; readonly keyStore: string | null; readonly password: string }
}

export interface Judge {
  readonly name: string
  /** null, or why it cannot run on this machine. */
  unavailable(): string | null
  /** `ok`, or what the client says of its refusal. */
  roundTrip(access: Access, topic: string, value: string): Promise<string>
  /** Writes for so long, whatever becomes of its connection; `ok` when all that it wrote was acknowledged. Where the client can be told to. */
  stay?(access: Access, topic: string, seconds: number): Promise<string>
}

const python = '/usr/bin/python3'
/** A machine at full load takes long to start a client. */
const clientTimeoutMs = 300_000

function protocolOf({ mechanism, authority }: Access): string {
  if (mechanism === null) return authority === null ? 'PLAINTEXT' : 'SSL'
  return authority === null ? 'SASL_PLAINTEXT' : 'SASL_SSL'
}

/** As kcat and confluent-kafka take them. */
function librdkafkaSettings(access: Access): string[] {
  const { mechanism, user, password, authority, certificate, key } = access
  return [
    `security.protocol=${protocolOf(access)}`,
    ...(mechanism === null ? [] : [`sasl.mechanisms=${mechanism}`, `sasl.username=${user}`, `sasl.password=${password}`]),
    ...(authority === null || authority === '' ? [] : [`ssl.ca.location=${authority}`]),
    ...(certificate ? [`ssl.certificate.location=${certificate}`, `ssl.key.location=${key}`] : []),
  ]
}

async function run(
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), clientTimeoutMs)
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, output, errors }
}

export const kcat: Judge = {
  name: 'kcat',
  unavailable: () => (spawnSync('kcat', ['-V']).status === 0 ? null : 'kcat is not installed (apt-get install kcat)'),
  async roundTrip(access, topic, value) {
    const common = [
      '-b',
      access.bootstrap,
      '-t',
      topic,
      '-p',
      '0',
      ...librdkafkaSettings(access).flatMap((setting) => ['-X', setting]),
    ]
    const produced = await run('kcat', ['-P', ...common, '-X', 'message.timeout.ms=8000', '-X', 'acks=all'], value)
    if (produced.code !== 0) return produced.errors
    const read = await run('kcat', ['-C', '-e', '-q', ...common, '-o', 'beginning'])
    return read.code === 0 && read.output.split('\n').includes(value) ? 'ok' : `not read back: ${read.errors}`
  },
}

export const confluentKafka: Judge = {
  name: 'python3-confluent-kafka',
  unavailable: () =>
    spawnSync(python, ['-c', 'import confluent_kafka']).status === 0
      ? null
      : 'python3-confluent-kafka is not installed (apt-get install python3-confluent-kafka)',
  async roundTrip(access, topic, value) {
    const { output, errors } = await run(python, [
      join(__dirname, 'client.py'),
      access.bootstrap,
      topic,
      value,
      ...librdkafkaSettings(access),
    ])
    return output.trim() === 'ok' ? 'ok' : output + errors
  },
  async stay(access, topic, seconds) {
    const settings = librdkafkaSettings(access)
    const args = [join(__dirname, 'client.py'), access.bootstrap, topic, `--stay=${seconds}`, ...settings]
    const { output, errors } = await run(python, args)
    return output.trim() === 'ok' ? 'ok' : output + errors
  },
}

export function kafkajsOf(access: Access, retries = 6, more: Partial<KafkaConfig> = {}): Kafka {
  const { mechanism, user: username, password, authority, certificate, key } = access
  const ssl: KafkaConfig['ssl'] =
    authority === null
      ? false
      : {
          ...(authority === '' ? {} : { ca: [readFileSync(authority, 'utf8')] }),
          ...(certificate && key ? { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') } : {}),
        }
  const sasl = mechanism === null ? {} : { sasl: { mechanism: mechanism.toLowerCase(), username, password } as SASLOptions }
  return new Kafka({
    brokers: access.bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    ssl,
    ...sasl,
    retry: { retries },
    connectionTimeout: 5_000,
    ...more,
  })
}

export const kafkajs: Judge = {
  name: 'kafkajs',
  unavailable: () => null,
  async roundTrip(access, topic, value) {
    const kafka = kafkajsOf(access)
    const producer = kafka.producer()
    const consumer = kafka.consumer({ groupId: `security-${value}`, sessionTimeout: 10_000 })
    try {
      await producer.connect()
      await producer.send({ topic, acks: -1, messages: [{ value, partition: 0 }] })
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      return await new Promise<string>((resolve, reject) => {
        const timer = setTimeout(() => resolve('not read back'), 60_000)
        const conclude = (said: string) => {
          clearTimeout(timer)
          resolve(said)
        }
        consumer.on(consumer.events.CRASH, ({ payload }) => conclude(payload.error.message))
        consumer
          .run({ eachMessage: async ({ message }) => void (message.value?.toString() === value && conclude('ok')) })
          .catch(reject)
      })
    } catch (error) {
      return (error as Error).message
    } finally {
      await Promise.allSettled([producer.disconnect(), consumer.disconnect()])
    }
  },
}

/** Of a version of kafka-clients that Maven has put into its folder. */
export class JavaJudge implements Judge {
  readonly name: string
  private directory: string | null = null

  constructor(private readonly version: string) {
    this.name = `java kafka-clients ${version}`
  }

  /** Those that are on this machine, the newest last. */
  static versions(): string[] {
    const folder = join(repository, 'org/apache/kafka/kafka-clients')
    const all = existsSync(folder) ? readdirSync(folder).filter((version) => existsSync(clientsJar(version))) : []
    all.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    // The newest of each major version; they are few, and a virtual machine takes its time.
    return [...new Map(all.map((version) => [version.split('.')[0], version])).values()]
  }

  unavailable(): string | null {
    if (spawnSync('javac', ['-version']).status !== 0) return 'there is no Java compiler'
    return slf4jJar() === null ? 'there is no slf4j-api in Maven’s folder' : null
  }

  roundTrip(access: Access, topic: string, value: string): Promise<string> {
    return this.ask('records', access, [topic, value])
  }

  async ask(verb: string, access: Access, args: readonly string[], more: readonly string[] = []): Promise<string> {
    const settings = [...javaSettings(access), ...more]
    const command = ['-cp', this.compiled(), 'JavaClient', verb, access.bootstrap, ...args, '--', ...settings]
    const { output, errors } = await run('java', command)
    const [said = ''] = output.split('\n').filter((line) => /^(ok|refused)/.test(line))
    return said === 'ok' ? 'ok' : said || errors
  }

  dispose(): void {
    if (this.directory !== null) rmSync(this.directory, { recursive: true, force: true })
  }

  /** The class path. Compiled once for each version: what compiles against one need not run with another. */
  private compiled(): string {
    const libraries = [clientsJar(this.version), slf4jJar() ?? '']
    if (this.directory === null) {
      this.directory = mkdtempSync(join(tmpdir(), 'broker-workbench-compat-java-'))
      const source = join(__dirname, 'JavaClient.java')
      const { status, stderr } = spawnSync('javac', ['-cp', libraries.join(':'), '-d', this.directory, source], {
        encoding: 'utf8',
      })
      if (status !== 0) throw new Error(stderr)
    }
    return [this.directory, ...libraries].join(':')
  }
}

const repository = join(homedir(), '.m2/repository')

function clientsJar(version: string): string {
  return join(repository, 'org/apache/kafka/kafka-clients', version, `kafka-clients-${version}.jar`)
}

function slf4jJar(): string | null {
  const folder = join(repository, 'org/slf4j/slf4j-api')
  const versions = existsSync(folder) ? readdirSync(folder) : []
  const jars = versions.map((version) => join(folder, version, `slf4j-api-${version}.jar`)).filter((jar) => existsSync(jar))
  return jars.at(-1) ?? null
}

function javaSettings(access: Access): string[] {
  const { mechanism, user, password, authority, certificate, key, stores } = access
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
  const jaas = `org.apache.kafka.common.security.${module} required username="${user}" password="${password}";`
  const pem = (file: string) => readFileSync(file, 'utf8')
  return [
    `security.protocol=${protocolOf(access)}`,
    `max.block.ms=${access.patienceMs ?? 60_000}`,
    ...(mechanism === null ? [] : [`sasl.mechanism=${mechanism}`, `sasl.jaas.config=${jaas}`]),
    ...(stores === undefined ? [] : storeSettings(stores)),
    ...(authority === null || authority === '' || stores !== undefined
      ? []
      : ['ssl.truststore.type=PEM', `ssl.truststore.certificates=${pem(authority)}`]),
    ...(certificate && key && stores === undefined
      ? ['ssl.keystore.type=PEM', `ssl.keystore.certificate.chain=${pem(certificate)}`, `ssl.keystore.key=${pem(key)}`]
      : []),
  ]
}

function storeSettings({ trustStore, keyStore, password }: NonNullable<Access['stores']>): string[] {
  const of = (kind: string, file: string) => [
    `ssl.${kind}.type=PKCS12`,
    `ssl.${kind}.location=${file}`,
    `ssl.${kind}.password=${password}`,
  ]
  return [...of('truststore', trustStore), ...(keyStore === null ? [] : of('keystore', keyStore))]
}

/** The files that Java's tools make of the workspace's, with the commands that docs/security.md gives. Throws what the tools complain of. */
export function javaStores(directory: string, hasCertificate: boolean): NonNullable<Access['stores']> {
  const password = 'changeit'
  const [trustStore, keyStore] = [join(directory, 'truststore.p12'), join(directory, 'keystore.p12')]
  const pem = (name: string) => join(directory, name)
  const make = (command: string, args: readonly string[]) => {
    const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: clientTimeoutMs })
    if (status !== 0) throw new Error(error?.message ?? stdout + stderr)
  }
  const imported = ['-importcert', '-noprompt', '-alias', 'broker-workbench', '-file', pem('ca.pem')]
  make('keytool', [...imported, '-storetype', 'PKCS12', '-keystore', trustStore, '-storepass', password])
  if (!hasCertificate) return { trustStore, keyStore: null, password }
  const exported = ['-export', '-in', pem('client.pem'), '-inkey', pem('client-key.pem'), '-out', keyStore]
  make('openssl', ['pkcs12', ...exported, '-passout', `pass:${password}`])
  return { trustStore, keyStore, password }
}
