/**
 * Stands in for the two shell tools of Kafka that librdkafka's tests call from the folder KAFKA_PATH/bin: kafka-topics.sh and kafka-acls.sh, as far as
 * these tests use them, by kafkajs's admin client. Only the set-up of a test goes through here; what is judged, librdkafka does itself.
 *
 *   node --import tsx kafka-tools.ts kafka-topics.sh|kafka-acls.sh ARGUMENTS…
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs'

type Arguments = ReadonlyMap<string, readonly string[]>

/**
 * A folder that looks like Kafka's: the two tools in its bin/, and where there is a class path, Java's clients in its libs/ with the script that runs
 * a class with them; a test of librdkafka (0098) has its transactions made by Java.
 */
export function writeKafkaPath(directory: string, classPath: string | null): string {
  const [bin, libs] = [join(directory, 'bin'), join(directory, 'libs')]
  for (const each of [bin, libs]) mkdirSync(each, { recursive: true })
  const script = (name: string, command: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${command} "$@"\n`)
    chmodSync(join(bin, name), 0o755)
  }
  for (const tool of ['kafka-topics.sh', 'kafka-acls.sh']) {
    const words = [process.execPath, '--import', require.resolve('tsx'), __filename, tool].map((word) => `'${word}'`)
    script(tool, `exec ${words.join(' ')}`)
  }
  for (const jar of classPath?.split(delimiter) ?? []) symlinkSync(jar, join(libs, basename(jar)))
  if (classPath !== null) script('kafka-run-class.sh', `exec java -cp "$CLASSPATH:${classPath}"`)
  return directory
}

/** `--name value` and `--flag`; a name may come more than once. */
export function parseArguments(words: readonly string[]): Arguments {
  const parsed = new Map<string, string[]>()
  for (let at = 0; at < words.length; at++) {
    const name = words[at]!.replace(/^--/, '')
    const values = parsed.get(name) ?? []
    parsed.set(name, values)
    const next = words[at + 1]
    if (next !== undefined && !next.startsWith('--')) {
      values.push(next)
      at++
    }
  }
  return parsed
}

const one = (options: Arguments, name: string): string => {
  const value = options.get(name)?.[0]
  if (value === undefined) throw new Error(`--${name} is missing`)
  return value
}

async function topics(admin: Admin, options: Arguments): Promise<void> {
  const topic = one(options, 'topic')
  if (options.has('create')) {
    const configEntries = (options.get('config') ?? []).map((text) => {
      const [name = '', value = ''] = text.split('=')
      return { name, value }
    })
    const numPartitions = Number(options.get('partitions')?.[0] ?? -1)
    const replicationFactor = Number(options.get('replication-factor')?.[0] ?? -1)
    await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor, configEntries }], waitForLeaders: true })
  } else if (options.has('alter')) {
    await admin.createPartitions({ topicPartitions: [{ topic, count: Number(one(options, 'partitions')) }] })
  } else if (options.has('delete')) await admin.deleteTopics({ topics: [topic] })
  else throw new Error('only --create, --alter and --delete are known here')
}

async function acls(admin: Admin, options: Arguments): Promise<void> {
  const isAllowed = options.has('allow-principal')
  const operationName = one(options, 'operation')
  const operation = Object.entries(AclOperationTypes).find(([name]) => name === operationName.toUpperCase())?.[1]
  if (typeof operation !== 'number') throw new Error(`--operation ${operationName} is not known here`)
  const acl = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: one(options, 'topic'),
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: one(options, isAllowed ? 'allow-principal' : 'deny-principal'),
    host: one(options, isAllowed ? 'allow-host' : 'deny-host'),
    operation,
    permissionType: isAllowed ? AclPermissionTypes.ALLOW : AclPermissionTypes.DENY,
  }
  if (options.has('add')) await admin.createAcls({ acl: [acl] })
  else if (options.has('remove')) await admin.deleteAcls({ filters: [acl] })
  else throw new Error('only --add and --remove are known here')
}

async function main(): Promise<void> {
  const [tool, ...words] = process.argv.slice(2)
  const options = parseArguments(words)
  const brokers = one(options, 'bootstrap-server').split(',')
  const admin = new Kafka({ brokers, logLevel: logLevel.ERROR }).admin()
  await admin.connect()
  try {
    await (tool === 'kafka-acls.sh' ? acls(admin, options) : topics(admin, options))
  } finally {
    await admin.disconnect()
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
}
