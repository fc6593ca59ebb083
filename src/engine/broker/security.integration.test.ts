/** Brokers that ask who is there, on real sockets: replication among them, clients with and without credentials, and what they may. */
import { afterEach, describe, expect, it } from 'vitest'
import { BrokerConnection } from '../client/broker-connection'
import type { ClientSecurity } from '../client/sasl-login'
import { Operation, PatternType, Permission, ResourceType } from '../security/acl/acl'
import { saltPassword } from '../security/sasl/scram-credential'
import { createAuthority, issueClientCertificate, issueServerCertificate } from '../security/x509/authority'
import { TestCluster } from '../testing/cluster-kit'
import { ErrorCode } from '../wire/errors'
import {
  AlterUserScramCredentials,
  CreateAcls,
  CreateTopics,
  DeleteAcls,
  DescribeAcls,
  DescribeCluster,
  DescribeConfigs,
  DescribeUserScramCredentials,
  Metadata,
  SaslHandshake,
} from '../wire/messages'
import type { BrokerSecurity } from './broker-security'

const interBroker = { host: '127.0.0.1', port: 0, user: 'broker', password: 'of the cluster' }
const users = [
  { name: 'alice', password: 'secret' },
  { name: 'admin', password: 'root' },
]

let cluster: TestCluster | null = null
const connections: BrokerConnection[] = []
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close()
  await cluster?.close()
  cluster = null
})

async function start(count: number, security: Partial<BrokerSecurity>, configs: Record<string, string> = {}) {
  cluster = await TestCluster.start(count, { security: { protocol: 'SASL_PLAINTEXT', users, interBroker, ...security }, configs })
  return cluster
}

function connect(brokerId: number, security: ClientSecurity): BrokerConnection {
  const { platform } = cluster!
  const port = cluster!.broker(brokerId).port
  const connection = new BrokerConnection({ platform, host: '127.0.0.1', port, clientId: 'test', security, negotiate: true })
  connections.push(connection)
  return connection
}

const as = (user: string, password: string, mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' = 'PLAIN') => ({
  sasl: { mechanism, user, password },
})

async function createTopic(name: string, security: ClientSecurity, replicationFactor = 1) {
  const controller = connect(cluster!.controller().brokerId, security)
  const topic = { name, numPartitions: 1, replicationFactor, assignments: [], configs: [] }
  const { topics } = await controller.request(CreateTopics, { topics: [topic], timeoutMs: 10_000, validateOnly: false })
  return topics[0]
}

describe('brokers with SASL', () => {
  it('replicate among themselves on a listener of their own, and tell clients of theirs', async () => {
    const running = await start(3, {})
    expect(await createTopic('orders', as('alice', 'secret'), 3)).toMatchObject({ errorCode: 0 })
    const connection = connect(1, as('alice', 'secret', 'SCRAM-SHA-512'))
    await running.until('all replicas are in sync', async () => {
      const { topics } = await connection.request(Metadata, { topics: [{ name: 'orders' }], allowAutoTopicCreation: false })
      return topics[0]?.partitions[0]?.isrNodes.length === 3
    })
    const { brokers } = await connection.request(DescribeCluster, { includeClusterAuthorizedOperations: false })
    expect(brokers.map(({ port }) => port).sort()).toEqual([1, 2, 3].map((id) => cluster!.broker(id).port).sort())
    expect(
      cluster!
        .broker(1)
        .details()
        .connections.some(({ principal }) => principal === 'User:alice'),
    ).toBe(true)
  })

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
    'let in who knows the password by %s, and nobody else',
    async (mechanism) => {
      await start(1, {})
      const request = (security: ClientSecurity) => connect(1, security).request(Metadata, { topics: [] })
      expect((await request(as('alice', 'secret', mechanism))).brokers).toHaveLength(1)
      await expect(request(as('alice', 'wrong', mechanism))).rejects.toMatchObject({
        code: ErrorCode.SASL_AUTHENTICATION_FAILED,
        retriable: false,
      })
      await expect(request({})).rejects.toMatchObject({ kind: 'connection' })
    },
  )

  it('let no client in as a broker, nor a broker’s credentials in as a client', async () => {
    const running = await start(1, {})
    const { user, password } = interBroker
    await expect(connect(1, as(user, password, 'SCRAM-SHA-256')).request(Metadata, { topics: [] })).rejects.toMatchObject({
      code: ErrorCode.SASL_AUTHENTICATION_FAILED,
    })
    const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: ['listeners'] }]
    const { results } = await connect(1, as('alice', 'secret')).request(DescribeConfigs, { resources })
    const port = Number(/REPLICATION:\/\/127\.0\.0\.1:(\d+)/.exec(results[0]?.configs[0]?.value ?? '')?.[1])
    expect(port).toBeGreaterThan(0)
    const { platform } = running
    const inside = new BrokerConnection({
      platform,
      host: '127.0.0.1',
      port,
      clientId: 'test',
      security: as('alice', 'secret', 'SCRAM-SHA-256'),
    })
    connections.push(inside)
    await expect(inside.request(Metadata, { topics: [] })).rejects.toMatchObject({ code: ErrorCode.SASL_AUTHENTICATION_FAILED })
  })

  it('renew the session of a client that stays, without losing a request', async () => {
    await start(1, {}, { 'connections.max.reauth.ms': '1500' })
    const connection = connect(1, as('alice', 'secret', 'SCRAM-SHA-256'))
    let lostCount = 0
    connection.on('closed', () => lostCount++)
    const { platform } = cluster!
    const untilMs = platform.clock.monotonicMs() + 4_000
    while (platform.clock.monotonicMs() < untilMs) {
      await Promise.all([1, 2].map(() => connection.request(Metadata, { topics: [] })))
      await new Promise<void>((resolve) => platform.clock.setTimer(50, resolve))
    }
    expect(lostCount).toBe(0)
  })

  it('follow users that are added, changed and deleted at another broker', async () => {
    const running = await start(2, {})
    const admin = connect(running.controller().brokerId, as('admin', 'root'))
    const other = [1, 2].find((id) => id !== running.controller().brokerId)!
    const salt = Buffer.from('some salt')
    const upsert = (password: string) => ({
      deletions: [],
      upsertions: [
        {
          name: 'ca rol',
          mechanism: 1,
          iterations: 4096,
          salt,
          saltedPassword: saltPassword('SCRAM-SHA-256', password, salt, 4096),
        },
      ],
    })
    const canLogIn = (password: string) =>
      connect(other, as('ca rol', password, 'SCRAM-SHA-256'))
        .request(Metadata, { topics: [] })
        .then(() => true)
        .catch(() => false)
    expect((await admin.request(AlterUserScramCredentials, upsert('first'))).results).toMatchObject([
      { user: 'ca rol', errorCode: 0 },
    ])
    await running.until('the user is known', () => canLogIn('first'))
    expect(await canLogIn('second')).toBe(false)
    await admin.request(AlterUserScramCredentials, upsert('second'))
    await running.until('the password has changed', () => canLogIn('second'))
    const described = await connect(other, as('alice', 'secret')).request(DescribeUserScramCredentials, { users: null })
    expect(described.results.map(({ user, credentialInfos }) => [user, credentialInfos.length])).toEqual([
      ['admin', 2],
      ['alice', 2],
      ['ca rol', 1],
    ])
    const deletion = { deletions: [{ name: 'ca rol', mechanism: 1 }], upsertions: [] }
    await admin.request(AlterUserScramCredentials, deletion)
    await running.until('the user is gone', async () => !(await canLogIn('second')))
    expect((await admin.request(AlterUserScramCredentials, deletion)).results).toMatchObject([
      { errorCode: ErrorCode.RESOURCE_NOT_FOUND, errorMessage: 'Attempt to delete a user credential that does not exist' },
    ])
  })

  it('take their own users’ passwords from the newest start', async () => {
    const running = await start(1, {})
    await running.stopBroker(1)
    const changed = [{ name: 'alice', password: 'changed' }]
    await running.startBroker(1, { security: { protocol: 'SASL_PLAINTEXT', users: changed, interBroker } })
    const logIn = (user: string, password: string) =>
      connect(1, as(user, password, 'SCRAM-SHA-512')).request(Metadata, { topics: [] })
    await expect(logIn('alice', 'changed')).resolves.toBeDefined()
    await expect(logIn('alice', 'secret')).rejects.toBeDefined()
    // Users that were once written stay, as they do in Kafka.
    await expect(logIn('admin', 'root')).resolves.toBeDefined()
  })

  it('answer SaslHandshake with ILLEGAL_SASL_STATE where there is no SASL', async () => {
    cluster = await TestCluster.start(1)
    const { errorCode } = await cluster.connect(1).request(SaslHandshake, { mechanism: 'PLAIN' })
    expect(errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE)
  })
})

describe('AlterUserScramCredentials', () => {
  it('refuses what Kafka refuses, with its sentences', async () => {
    await start(1, {})
    const admin = connect(1, as('admin', 'root'))
    const good = { name: 'dave', mechanism: 2, iterations: 4096, salt: Buffer.from('s'), saltedPassword: Buffer.alloc(64) }
    const alter = async (upsertions: (typeof good)[], deletions: { name: string; mechanism: number }[] = []) =>
      (await admin.request(AlterUserScramCredentials, { deletions, upsertions })).results.map((result) => [
        result.errorCode,
        result.errorMessage,
      ])
    expect(await alter([{ ...good, iterations: 4095 }])).toEqual([[ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too few iterations']])
    expect(await alter([{ ...good, iterations: 16_385 }])).toEqual([[ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too many iterations']])
    expect(await alter([{ ...good, name: '' }])).toEqual([[ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty']])
    expect(await alter([{ ...good, mechanism: 3 }])).toEqual([[ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism']])
    const twice = [ErrorCode.DUPLICATE_RESOURCE, 'A user credential cannot be altered twice in the same request']
    expect(await alter([good, good])).toEqual([twice])
    expect(await alter([good], [{ name: 'dave', mechanism: 2 }])).toEqual([twice])
    // One bad change of a user undoes his others, and nobody else's.
    const codes = (await alter([good, { ...good, mechanism: 9 }, { ...good, name: 'erin' }])).map(([code]) => code)
    expect(codes).toEqual([ErrorCode.UNSUPPORTED_SASL_MECHANISM, 0])
    const { results } = await admin.request(DescribeUserScramCredentials, {
      users: ['dave', 'erin', 'erin', 'admin'].map((name) => ({ name })),
    })
    expect(results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      ['dave', ErrorCode.RESOURCE_NOT_FOUND],
      ['erin', ErrorCode.DUPLICATE_RESOURCE],
      ['admin', 0],
    ])
  })
})

describe('brokers with ACLs', () => {
  const aclConfigs = { 'authorizer.class.name': 'kafka.security.authorizer.AclAuthorizer', 'super.users': 'User:admin' }
  const allowAlice = (name: string, resourcePatternType: number, operation: number = Operation.WRITE) => ({
    resourceType: ResourceType.TOPIC,
    resourceName: name,
    resourcePatternType,
    principal: 'User:alice',
    host: '*',
    operation,
    permissionType: Permission.ALLOW,
  })
  const everything = {
    resourceTypeFilter: 1,
    resourceNameFilter: null,
    patternTypeFilter: 1,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  }

  it('follow what is created and deleted at another, and keep it over a restart of all', async () => {
    const running = await start(2, {}, aclConfigs)
    expect(await createTopic('orders', as('admin', 'root'), 2)).toMatchObject({ errorCode: 0 })
    const admin = connect(1, as('admin', 'root'))
    const metadataAt = async (brokerId: number) => {
      const { topics } = await connect(brokerId, as('alice', 'secret')).request(Metadata, { topics: [{ name: 'orders' }] })
      return topics[0]?.errorCode
    }
    expect(await metadataAt(2)).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    const creations = [
      allowAlice('orders', PatternType.LITERAL),
      allowAlice('ord', PatternType.PREFIXED),
      allowAlice('a/b', PatternType.LITERAL),
    ]
    const { results } = await admin.request(CreateAcls, { creations })
    expect(results.map(({ errorCode }) => errorCode)).toEqual([0, 0, ErrorCode.INVALID_REQUEST])
    // Who was asked honours it from its answer on.
    expect(await metadataAt(1)).toBe(ErrorCode.NONE)
    await running.until('the other broker has heard', async () => (await metadataAt(2)) === ErrorCode.NONE)
    const first = { ...everything, patternTypeFilter: PatternType.LITERAL }
    const deleted = await admin.request(DeleteAcls, { filters: [first] })
    expect(deleted.filterResults[0]?.matchingAcls.map(({ resourceName }) => resourceName)).toEqual(['orders'])
    // The prefixed one still allows it.
    await Promise.all([1, 2].map((id) => running.stopBroker(id)))
    await Promise.all([1, 2].map((id) => running.startBroker(id)))
    const { resources } = await connect(2, as('admin', 'root')).request(DescribeAcls, everything)
    expect(resources).toMatchObject([
      { resourceName: 'ord', patternType: PatternType.PREFIXED, acls: [{ principal: 'User:alice' }] },
    ])
    await running.until('the topic is described', async () => (await metadataAt(2)) === ErrorCode.NONE)
  })

  it('add ACLs that come together, each once', async () => {
    await start(2, {}, aclConfigs)
    const operations = [Operation.READ, Operation.WRITE, Operation.CREATE, Operation.DELETE, Operation.READ]
    const create = (brokerId: number, operation: number) =>
      connect(brokerId, as('admin', 'root')).request(CreateAcls, {
        creations: [allowAlice('orders', PatternType.LITERAL, operation)],
      })
    const answers = await Promise.all(operations.map((operation, index) => create(1 + (index % 2), operation)))
    expect(answers.map(({ results }) => results[0]?.errorCode)).toEqual([0, 0, 0, 0, 0])
    await cluster!.until('all are known', async () => {
      const { resources } = await connect(1, as('admin', 'root')).request(DescribeAcls, everything)
      return resources[0]?.acls.length === 4
    })
  })

  it('let only super users change them, and nobody where there is no authorizer', async () => {
    await start(1, {}, aclConfigs)
    const creations = [allowAlice('orders', PatternType.LITERAL)]
    const { results } = await connect(1, as('alice', 'secret')).request(CreateAcls, { creations })
    expect(results[0]?.errorCode).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    await cluster!.close()
    cluster = await TestCluster.start(1)
    const open = cluster.connect(1)
    expect((await open.request(CreateAcls, { creations })).results[0]?.errorCode).toBe(ErrorCode.SECURITY_DISABLED)
    expect((await open.request(DescribeAcls, everything)).errorCode).toBe(ErrorCode.SECURITY_DISABLED)
    expect((await open.request(DeleteAcls, { filters: [everything] })).filterResults[0]?.errorCode).toBe(
      ErrorCode.SECURITY_DISABLED,
    )
  })

  it('do not start where nobody could tell a broker from a client', async () => {
    cluster = await TestCluster.start(0)
    await expect((async () => cluster.startBroker(1, { configs: aclConfigs }))()).rejects.toThrow(
      /authorizer.class.name is set, and no security/,
    )
  })
})

describe('brokers with TLS', () => {
  const nowMs = Date.now()
  const authority = createAuthority('a test', nowMs)
  const { certificate, privateKey } = issueServerCertificate(authority, 'broker', [], nowMs)
  const tls = { certificate, privateKey, clientAuthorities: authority.certificate }
  const trusting = { tls: { authorities: authority.certificate } }

  it('serve who trusts them, and replicate', async () => {
    const running = await start(2, { protocol: 'SSL', tls })
    expect(await createTopic('orders', trusting, 2)).toMatchObject({ errorCode: 0 })
    const connection = connect(1, trusting)
    await running.until('all replicas are in sync', async () => {
      const { topics } = await connection.request(Metadata, { topics: [{ name: 'orders' }], allowAutoTopicCreation: false })
      return topics[0]?.partitions[0]?.isrNodes.length === 2
    })
    await expect(connect(1, {}).request(Metadata, { topics: [] })).rejects.toMatchObject({ kind: 'connection' })
    await expect(connect(1, { tls: {} }).request(Metadata, { topics: [] })).rejects.toMatchObject({ kind: 'connection' })
  })

  it('know a client by its certificate, and ask for a password as well where it is SASL_SSL', async () => {
    const running = await start(1, { protocol: 'SSL', tls }, { 'ssl.client.auth': 'required' })
    const bob = issueClientCertificate(authority, 'bob', nowMs)
    const connection = connect(1, { tls: { ...trusting.tls, ...bob } })
    await connection.request(Metadata, { topics: [] })
    const principals = running
      .broker(1)
      .details()
      .connections.map(({ principal }) => principal)
    expect(principals).toContain('User:CN=bob,O=Broker Workbench')
    await expect(connect(1, trusting).request(Metadata, { topics: [] })).rejects.toMatchObject({ kind: 'connection' })
    await running.close()
    await start(1, { protocol: 'SASL_SSL', tls })
    expect(
      (await connect(1, { ...trusting, ...as('alice', 'secret', 'SCRAM-SHA-256') }).request(Metadata, { topics: [] })).brokers,
    ).toHaveLength(1)
    await expect(connect(1, trusting).request(Metadata, { topics: [] })).rejects.toMatchObject({ kind: 'connection' })
  })
})
