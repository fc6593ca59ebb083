/**
 * Security, judged by other people's clients: kcat, python3-confluent-kafka, kafkajs, and Java's own where Maven has it. Against processes of `serve`:
 * SASL by every mechanism with ACLs, TLS with the workspace's authority, both with client certificates, and sessions that have to be renewed.
 *
 *   npx tsx compat/security/run.ts [--quick] [--part acls|tls|certificates|sasl-ssl|sessions]…
 *
 * `--quick`: one mechanism, and nothing of Java. `--part`: only these. One line a check: `ok`, `failed` with the reason, or `skipped` with what is missing. Exit code 1
 * where one failed.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs'
import { BrokerConnection } from '../../src/engine/client/broker-connection'
import { createNodePlatform } from '../../src/engine/platform/node'
import { saltPassword } from '../../src/engine/security/sasl/scram-credential'
import { AlterUserScramCredentials } from '../../src/engine/wire/messages'
import { ServeProcess } from '../kafka-clients/serve-process'
import { type Access, confluentKafka, JavaJudge, type Judge, javaStores, kafkajs, kafkajsOf, kcat } from './judges'

const isQuick = process.argv.includes('--quick')
const mechanisms = isQuick ? (['SCRAM-SHA-256'] as const) : (['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
const users = { alice: 'secret of alice', bob: 'secret of bob', admin: 'secret of admin' } as const
const topic = 'orders'
let failures = 0
let valueCount = 0

function say(line: string): void {
  if (line.startsWith('failed')) failures++
  console.log(line)
}

/** `expected`: `ok`, or what must be in the client's complaint. */
async function check(name: string, action: () => Promise<string>, expected: string | RegExp = 'ok'): Promise<void> {
  try {
    const said = (await action()).trim()
    const isRight = typeof expected === 'string' ? said === expected : expected.test(said)
    say(isRight ? `ok ${name}` : `failed ${name}: ${said.replaceAll('\n', ' / ').slice(0, 400)}`)
  } catch (error) {
    say(`failed ${name}: ${(error as Error).message}`)
  }
}

const newValue = () => `value-${process.pid}-${++valueCount}`
const judge = (one: Judge, access: Access) => () => one.roundTrip(access, topic, newValue())

const javas = isQuick ? [] : JavaJudge.versions()
if (!isQuick && javas.length === 0) say('skipped java kafka-clients: Maven has none on this machine')
const judges: Judge[] = [kafkajs, kcat, confluentKafka, ...javas.map((version) => new JavaJudge(version))].filter((one) => {
  const why = one.unavailable()
  if (why !== null) say(`skipped ${one.name}: ${why}`)
  return why === null
})

async function withServe(
  args: readonly string[],
  judgeIt: (server: ServeProcess, directory: string) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-compat-security-'))
  // None of this is about deaths, and on a busy machine a broker must not lose its session because it was not its turn.
  const patient = ['--session-timeout-ms', '10000']
  const server = await ServeProcess.start([
    '--data-dir',
    directory,
    '--port',
    '0',
    '--coordination-port',
    '0',
    ...patient,
    ...args,
  ])
  try {
    await judgeIt(server, directory)
  } finally {
    await server.terminate()
    rmSync(directory, { recursive: true, force: true })
  }
}

const userArguments = Object.entries(users).flatMap(([name, password]) => ['--user', `${name}:${password}`])

function accessOf(
  server: ServeProcess,
  user: keyof typeof users,
  mechanism: Access['mechanism'],
  authority: string | null = null,
): Access {
  return { bootstrap: server.bootstrapServers, mechanism, user, password: users[user], authority }
}

/** Admins may not all be what kafkajs calls them; each clears up after itself. */
async function asAdmin<T>(
  access: Access,
  action: (admin: ReturnType<ReturnType<typeof kafkajsOf>['admin']>) => Promise<T>,
): Promise<T> {
  const admin = kafkajsOf(access).admin()
  await admin.connect()
  try {
    return await action(admin)
  } finally {
    await admin.disconnect()
  }
}

async function createTopic(access: Access, replicationFactor = 1): Promise<string> {
  const created = await asAdmin(access, (admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor }], waitForLeaders: true, timeout: 60_000 }),
  )
  return created ? 'ok' : 'the topic was there'
}

const allow = (principal: string, resourceType: number, resourceName: string, operation: number, isPrefix = false) => ({
  resourceType,
  resourceName,
  resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  principal,
  host: '*',
  operation,
  permissionType: AclPermissionTypes.ALLOW,
})

async function saslAndAcls(): Promise<void> {
  await withServe(['--brokers', '3', '--sasl', 'all', ...userArguments, '--acls', '--super-user', 'admin'], async (server) => {
    const admin = accessOf(server, 'admin', 'PLAIN')
    const { TOPIC, GROUP } = AclResourceTypes
    const { READ, WRITE } = AclOperationTypes
    await check('kafkajs creates a topic and ACLs as a super user', async () => {
      await createTopic(admin, 3)
      const acl = [
        allow('User:alice', TOPIC, topic, READ),
        allow('User:alice', TOPIC, topic, WRITE),
        allow('User:alice', GROUP, 'security-', READ, true),
      ]
      await asAdmin(admin, (client) => client.createAcls({ acl }))
      const filter = {
        resourceType: AclResourceTypes.ANY,
        resourcePatternType: ResourcePatternTypes.ANY,
        operation: AclOperationTypes.ANY,
        permissionType: AclPermissionTypes.ANY,
      }
      const { resources } = await asAdmin(admin, (client) => client.describeAcls(filter))
      const count = resources.reduce((sum, { acls }) => sum + acls.length, 0)
      return count === 3 ? 'ok' : `${count} ACLs were found`
    })
    for (const one of judges) {
      for (const mechanism of mechanisms) {
        await check(
          `${one.name} writes and reads with ${mechanism}, as its ACLs allow`,
          judge(one, accessOf(server, 'alice', mechanism)),
        )
        const wrong = { ...accessOf(server, 'alice', mechanism), password: 'wrong' }
        await check(`${one.name} is told of a wrong password with ${mechanism}`, judge(one, wrong), /authentication/i)
      }
      await check(
        `${one.name} is refused the topic without an ACL`,
        judge(one, accessOf(server, 'bob', mechanisms[0])),
        /not authorized|TOPIC_AUTHORIZATION_FAILED|authorization failed/i,
      )
      if (!isQuick || one === kafkajs) {
        const nobody = { ...accessOf(server, 'alice', null), patienceMs: 10_000 }
        await check(
          `${one.name} gets nowhere without a password`,
          judge(one, nobody),
          /.*(disconnect|closed|timed? ?out|_ALL_BROKERS_DOWN|_TRANSPORT|_MSG_TIMED_OUT|Timeout).*/is,
        )
      }
      if (one instanceof JavaJudge)
        await check(`${one.name} makes, finds and deletes ACLs and SCRAM credentials`, () =>
          one.ask('administer', accessOf(server, 'admin', 'SCRAM-SHA-512'), [`user-${newValue()}`]),
        )
    }
    await check(
      'kafkajs is refused to make ACLs, and to see them',
      async () => {
        const acl = [allow('User:bob', TOPIC, topic, READ)]
        return asAdmin(accessOf(server, 'bob', 'PLAIN'), (client) => client.createAcls({ acl })).then(
          () => 'they were made',
          (error: Error) => error.message,
        )
      },
      /cluster authorization failed/i,
    )
    await check('a topic that may not be described is not listed', async () => {
      const [alices, bobs] = await Promise.all(
        (['alice', 'bob'] as const).map((user) => asAdmin(accessOf(server, user, 'PLAIN'), (client) => client.listTopics())),
      )
      return alices?.includes(topic) === true && bobs?.includes(topic) === false ? 'ok' : `alice: ${alices}, bob: ${bobs}`
    })
    await check('a user that is added is let in by every broker, and no more when it is deleted', () => changeUsers(server))
    await check('brokers go on replicating when one was killed and started again', async () => {
      await server.command('kill 1')
      await server.command('start 1')
      await server.whenSettled(120_000)
      return kafkajs.roundTrip(accessOf(server, 'alice', 'SCRAM-SHA-256'), topic, newValue())
    })
  })
}

/** No client of this machine but Java's can change credentials: so the engine's own does. */
async function changeUsers(server: ServeProcess): Promise<string> {
  const silent = () => undefined
  const platform = createNodePlatform({ logger: { debug: silent, info: silent, warn: silent, error: silent } })
  const { controllerId, brokers } = await server.status()
  const port = brokers.find(({ id }) => id === controllerId)?.port ?? 0
  const security = { sasl: { mechanism: 'PLAIN', user: 'admin', password: users.admin } } as const
  const connection = new BrokerConnection({ platform, host: '127.0.0.1', port, clientId: 'compat', security })
  const salt = Buffer.from('salt of carol')
  const saltedPassword = saltPassword('SCRAM-SHA-256', 'new', salt, 4096)
  const canComeIn = async () => {
    const outcomes = await Promise.all(
      server.bootstrapServers.split(',').map((bootstrap) => {
        const access: Access = { bootstrap, mechanism: 'SCRAM-SHA-256', user: 'carol', password: 'new', authority: null }
        return asAdmin(access, (client) => client.listTopics()).then(
          () => true,
          () => false,
        )
      }),
    )
    return new Set(outcomes).size === 1 ? outcomes[0] : null
  }
  const until = async (expected: boolean) => {
    for (let attempt = 0; attempt < 20; attempt++) if ((await canComeIn()) === expected) return true
    return false
  }
  try {
    const upsertions = [{ name: 'carol', mechanism: 1, iterations: 4096, salt, saltedPassword }]
    await connection.request(AlterUserScramCredentials, { deletions: [], upsertions })
    if (!(await until(true))) return 'carol is not let in'
    await connection.request(AlterUserScramCredentials, { deletions: [{ name: 'carol', mechanism: 1 }], upsertions: [] })
    return (await until(false)) ? 'ok' : 'carol is still let in'
  } finally {
    connection.close()
  }
}

async function tls(): Promise<void> {
  await withServe(['--brokers', '2', '--tls'], async (server, directory) => {
    const authority = join(directory, 'security', 'ca.pem')
    const access: Access = { ...accessOf(server, 'alice', null), authority }
    await check('kafkajs creates a topic over TLS', () => createTopic(access, 2))
    await check('openssl verifies the broker', async () => {
      const address = server.bootstrapServers.split(',')[0] ?? ''
      const { stdout, stderr, error } = spawnSync(
        'openssl',
        ['s_client', '-connect', address, '-CAfile', authority, '-verify_ip', '127.0.0.1', '-verify_return_error', '-brief'],
        { input: '', encoding: 'utf8', timeout: 10_000 },
      )
      if (error !== undefined) return error.message
      return /Verification: OK/.test(stdout + stderr) ? 'ok' : stdout + stderr
    })
    for (const one of judges) {
      await check(`${one.name} writes and reads over TLS`, judge(one, access))
      if (isQuick && one !== kafkajs) continue
      // An empty path: TLS, with the authorities that the system trusts.
      await check(
        `${one.name} does not trust an authority that it was not told of`,
        judge(one, { ...access, authority: '', patienceMs: 10_000 }),
        /certificate|SSL|_MSG_TIMED_OUT|_ALL_BROKERS_DOWN|timed out/i,
      )
    }
  })
}

async function tlsAndSasl(): Promise<void> {
  const args = ['--brokers', '1', '--tls', '--client-certificates', 'required', '--sasl', 'SCRAM-SHA-512', ...userArguments]
  await withServe(args, async (server, directory) => {
    const file = (name: string) => join(directory, 'security', name)
    const without = accessOf(server, 'alice', 'SCRAM-SHA-512', file('ca.pem'))
    const access: Access = { ...without, certificate: file('client.pem'), key: file('client-key.pem') }
    await check('kafkajs creates a topic with a certificate and a password', () => createTopic(access))
    for (const one of judges) {
      await check(`${one.name} writes and reads with a certificate and a password`, judge(one, access))
      if (isQuick && one !== kafkajs) continue
      await check(
        `${one.name} gets nowhere without a certificate`,
        judge(one, { ...without, patienceMs: 10_000 }),
        /(certificate|SSL|handshake|disconnect|closed|ECONNRESET|_MSG_TIMED_OUT|_ALL_BROKERS_DOWN|_TRANSPORT|Timeout)/i,
      )
      if (one instanceof JavaJudge)
        await check(`${one.name} writes and reads with the stores that keytool and openssl make`, () =>
          judge(one, { ...access, stores: javaStores(mkdtempOf(directory, one.name), true) })(),
        )
    }
  })
}

/** Passwords over TLS, without certificates of clients: SASL_SSL as it is mostly used. */
async function passwordsOverTls(): Promise<void> {
  await withServe(['--brokers', '2', '--tls', '--sasl', 'all', ...userArguments], async (server, directory) => {
    const authority = join(directory, 'security', 'ca.pem')
    const access = accessOf(server, 'alice', 'PLAIN', authority)
    await check('kafkajs creates a topic over SASL_SSL', () => createTopic(access, 2))
    for (const one of judges) {
      for (const mechanism of mechanisms)
        await check(
          `${one.name} writes and reads over SASL_SSL with ${mechanism}`,
          judge(one, accessOf(server, 'alice', mechanism, authority)),
        )
      const wrong = { ...access, password: 'wrong' }
      await check(`${one.name} is told of a wrong password over SASL_SSL`, judge(one, wrong), /authentication/i)
      if (one instanceof JavaJudge)
        await check(`${one.name} writes and reads over SASL_SSL with a trust store`, () =>
          judge(one, { ...access, stores: javaStores(mkdtempOf(directory, one.name), false) })(),
        )
    }
  })
}

/** A copy of the workspace's files for the tools to put theirs beside. */
function mkdtempOf(directory: string, name: string): string {
  const copy = mkdtempSync(join(directory, `${name.replaceAll(' ', '-')}-`))
  cpSync(join(directory, 'security'), copy, { recursive: true })
  return copy
}

/** `lifetimeMs`: how long the broker lets a session live. */
async function withSessions(lifetimeMs: number, judgeIt: (server: ServeProcess, access: Access) => Promise<void>): Promise<void> {
  const args = ['--brokers', '1', '--sasl', 'all', ...userArguments, '--config', `connections.max.reauth.ms=${lifetimeMs}`]
  await withServe(args, (server) => judgeIt(server, accessOf(server, 'alice', 'SCRAM-SHA-256')))
}

async function sessions(): Promise<void> {
  // kafkajs renews ten seconds before the end, and may do so once a second, as with Kafka.
  await withSessions(13_000, async (_server, access) => {
    await check('kafkajs creates a topic while sessions end', () => createTopic(access))
    await check('kafkajs renews its session on the living connection', () => stayWithKafkajs(access, 9_000))
  })
  await withSessions(2_500, async (_server, access) => {
    await check('a topic is created while sessions end soon', async () => {
      const admin = kafkajsOf(access, 6, { reauthenticationThreshold: 500 }).admin()
      await admin.connect()
      const isCreated = await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], timeout: 60_000 })
      await admin.disconnect()
      return isCreated ? 'ok' : 'it was there'
    })
    for (const one of judges) {
      if (one instanceof JavaJudge)
        await check(`${one.name} renews its session and goes on`, () =>
          one.ask('stay', access, [topic, '7'], ['retries=0', 'enable.idempotence=false']),
        )
      // librdkafka before 2.2 knows nothing of it: its connection is closed, and it comes back.
      else if (one.stay !== undefined)
        await check(`${one.name} loses its session and goes on`, () => one.stay?.(access, topic, 7) ?? Promise.resolve(''))
    }
  })
}

/** Its own connection for the whole time, and on it more than one exchange. */
async function stayWithKafkajs(access: Access, durationMs: number): Promise<string> {
  const producer = kafkajsOf(access, 0).producer()
  let exchanges = 0
  let ends = 0
  producer.on(producer.events.REQUEST, ({ payload }) => {
    if (payload.apiName === 'SaslHandshake') exchanges++
  })
  producer.on(producer.events.DISCONNECT, () => ends++)
  await producer.connect()
  try {
    let sent = 0
    await producer.send({ topic, messages: [{ value: `stays ${sent++}` }] })
    // Those of the first connections are behind it.
    const first = exchanges
    const until = Date.now() + durationMs
    while (Date.now() < until) {
      await producer.send({ topic, messages: [{ value: `stays ${sent++}` }] })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const renewals = exchanges - first
    return ends === 0 && renewals > 0 ? 'ok' : `${renewals} renewals, ${ends} connections ended, ${sent} records sent`
  } finally {
    await producer.disconnect()
  }
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  acls: saslAndAcls,
  tls,
  certificates: tlsAndSasl,
  ...(isQuick ? {} : { 'sasl-ssl': passwordsOverTls, sessions }),
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, part: { type: 'string', multiple: true } } })
  for (const [name, part] of Object.entries(parts)) if (values.part?.includes(name) ?? true) await part()
  for (const one of judges) if (one instanceof JavaJudge) one.dispose()
  console.log(failures === 0 ? 'done' : `${failures} failed`)
  process.exitCode = failures === 0 ? 0 : 1
}

void main()
