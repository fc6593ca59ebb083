import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseArguments } from './kafka-tools'
import { declaredTests, readSummary } from './test-runner'

it('reads the table that the test-runner prints, colours and all', () => {
  const green = '\u001b[32m'
  const table = [
    `|${green} <MAIN>                                   |     PASSED |  10.000s \u001b[0m|`,
    `|${green} 0001_multiobj                            |     PASSED |   2.789s \u001b[0m|`,
    '|\u001b[31m 0081_admin                               |     FAILED |  36.294s \u001b[0m|\u001b[31m expected this\u001b[0m',
    '|\u001b[36m 0126_oauthbearer_oidc                    |    SKIPPED |   0.000s \u001b[0m|\u001b[36m not configured for SASL\u001b[0m',
    '|\u001b[35m 0090_idempotence                         |    RUNNING |   0.000s \u001b[0m|',
  ].join('\n')
  expect(readSummary(`talk\n${table}\n#====#`)).toEqual([
    { name: '0001_multiobj', state: 'PASSED', seconds: 2.789, reason: '' },
    { name: '0081_admin', state: 'FAILED', seconds: 36.294, reason: 'expected this' },
    { name: '0126_oauthbearer_oidc', state: 'SKIPPED', seconds: 0, reason: 'not configured for SASL' },
    // One that never came to its end has not passed.
    { name: '0090_idempotence', state: 'FAILED', seconds: 0, reason: '' },
  ])
})

it('tells tests that need a broker from those that do not, by librdkafka’s own table', () => {
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-test-runner-'))
  const table = `struct test tests[] = {
    {.name = "<MAIN>", .flags = TEST_F_LOCAL},
    _TEST(0000_unittests,
          TEST_F_LOCAL,
          _THRES(.ucpu = 100.0)),
    _TEST(0001_multiobj, 0),
#if WITH_SOCKEM
    _TEST(0068_produce_timeout, TEST_F_SOCKEM),
#endif
    _TEST(0107_topic_recreate,
          0,
          TEST_BRKVER_TOPIC_ADMINAPI,
          .scenario = "noautocreate"),
    _TEST(0150_telemetry_mock, 0),

    /* Manual tests */
    _TEST(8000_idle, TEST_F_MANUAL),
    {NULL}};`
  try {
    writeFileSync(join(directory, 'test.c'), `_TEST_DECL(0001_multiobj);\n${table}`)
    expect(
      declaredTests(directory).map(({ name, isLocal, isManual, scenarios }) => [name, isLocal, isManual, scenarios.join()]),
    ).toEqual([
      ['0000_unittests', true, false, 'default'],
      ['0001_multiobj', false, false, 'default'],
      ['0068_produce_timeout', false, false, 'default'],
      ['0107_topic_recreate', false, false, 'noautocreate'],
      ['0150_telemetry_mock', true, false, 'default'],
      ['8000_idle', false, true, 'default'],
    ])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

it('takes the arguments of Kafka’s shell tools, flags and repeated ones too', () => {
  const parsed = parseArguments(['--create', '--topic', 'x', '--config', 'a=1', '--config', 'b=2', '--force'])
  expect([...parsed]).toEqual([
    ['create', []],
    ['topic', ['x']],
    ['config', ['a=1', 'b=2']],
    ['force', []],
  ])
})
