/** The clusters that librdkafka's tests are run against, each with the tests that belong there. Says how `serve` is started and what test.conf says. */
import type { ServeProcess } from '../kafka-clients/serve-process'
import type { DeclaredTest } from './test-runner'

export interface Mode {
  readonly name: string
  readonly serve: readonly string[]
  /** Lines of test.conf beside the addresses. */
  readonly conf: (server: ServeProcess) => readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Which of the tests that need a broker are run here. */
  readonly includes: (test: DeclaredTest) => boolean
}

const user = 'tester'
const password = 'secret of the tester'

/**
 * As the scripts of librdkafka set up their brokers: racks, and below ACLs that bind nobody without one. New groups wait for a
 * second consumer, as Kafka's do by default: some tests (0089) take it that two that start together come into one generation. And brokers have sessions
 * that outlast a machine that is busy for some seconds: a change of controller is not what these tests are about.
 */
const common = [
  '--brokers',
  '3',
  '--session-timeout-ms',
  '10000',
  '--rack',
  'RACK1,RACK2,RACK3',
  '--config',
  'offsets.topic.replication.factor=3',
  '--config',
  'group.initial.rebalance.delay.ms=1000',
]
const openAcls = ['--acls', '--super-user', 'admin', '--config', 'allow.everyone.if.no.acl.found=true']
const sasl = ['--sasl', 'all', '--user', `${user}:${password}`, '--user', 'admin:secret of the admin']
const saslConf = [
  'security.protocol=SASL_PLAINTEXT',
  'sasl.mechanism=SCRAM-SHA-256',
  `sasl.username=${user}`,
  `sasl.password=${password}`,
]

const isOf = (scenario: string, test: DeclaredTest) => test.scenarios.includes(scenario)
const needsSasl = new Set(['0135', '0142'])

export const modes: readonly Mode[] = [
  {
    name: 'default',
    serve: [...common, '--auto-create-topics', ...openAcls],
    conf: () => [],
    env: { TEST_SCENARIO: 'default' },
    includes: (test) => isOf('default', test) && !needsSasl.has(test.number),
  },
  {
    name: 'no auto-creation',
    serve: [...common, ...openAcls],
    conf: () => [],
    env: { TEST_SCENARIO: 'noautocreate' },
    includes: (test) => isOf('noautocreate', test),
  },
  {
    name: 'SASL',
    serve: [...common, '--auto-create-topics', ...openAcls, ...sasl, '--config', 'connections.max.reauth.ms=10000'],
    conf: () => saslConf,
    env: { TEST_SCENARIO: 'default' },
    // 0081 asks of ACLs and SCRAM credentials only where one logs in.
    includes: (test) => needsSasl.has(test.number) || test.number === '0081',
  },
  {
    name: 'new group protocol',
    serve: [...common, '--auto-create-topics', ...openAcls],
    conf: () => [],
    env: { TEST_SCENARIO: 'default', TEST_CONSUMER_GROUP_PROTOCOL: 'consumer' },
    includes: (test) => isOf('default', test) && groupTests.has(test.number),
  },
]

/** Tests with groups in them, for which the protocol of KIP-848 is another world. */
const groupTests = new Set(
  '0018 0019 0026 0029 0030 0033 0045 0050 0051 0056 0061 0069 0081 0089 0091 0099 0102 0113 0118 0122 0130 0132 0137 0140'.split(
    ' ',
  ),
)
