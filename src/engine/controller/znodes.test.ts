import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignmentOf, LeaderRecoveryState } from './types'
import {
  decodeBroker,
  decodeClusterId,
  decodeConfigs,
  decodeController,
  decodeControllerEpoch,
  decodePreferredElection,
  decodeProducerIdBlockEnd,
  decodeState,
  decodeTopic,
  decodeTopicConfigChange,
  encodeBroker,
  encodeClusterId,
  encodeConfigChange,
  encodeConfigs,
  encodeController,
  encodeProducerIdBlock,
  encodeState,
  encodeTopic,
} from './znodes'

const bytes = (text: string) => Buffer.from(text)

describe('znode contents', () => {
  it("are Kafka's, letter by letter", () => {
    expect(encodeBroker({ id: 1, host: 'h', port: 9092, rack: 'r' }, 1700000000000)).toBe(
      '{"version":5,"host":"h","port":9092,"jmx_port":-1,"timestamp":"1700000000000","endpoints":["PLAINTEXT://h:9092"],' +
        '"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},"rack":"r","features":{}}',
    )
    expect(encodeController(1, 5)).toBe('{"version":2,"brokerid":1,"timestamp":"5","kraftControllerEpoch":-1}')
    expect(encodeTopic('id', new Map([[0, assignmentOf([1, 2])]]))).toBe(
      '{"version":3,"topic_id":"id","partitions":{"0":[1,2]},"adding_replicas":{},"removing_replicas":{}}',
    )
    const state = {
      leader: 1,
      leaderEpoch: 0,
      isr: [1, 2],
      leaderRecoveryState: LeaderRecoveryState.RECOVERED,
      partitionEpoch: 0,
    }
    expect(encodeState(state, 1)).toBe('{"controller_epoch":1,"leader":1,"version":1,"leader_epoch":0,"isr":[1,2]}')
    expect(encodeConfigs({ k: 'v' })).toBe('{"version":1,"config":{"k":"v"}}')
    expect(encodeConfigChange('topics/t')).toBe('{"version":2,"entity_path":"topics/t"}')
    expect(encodeProducerIdBlock(1, 0n, 999n)).toBe('{"version":1,"broker":1,"block_start":"0","block_end":"999"}')
    expect(encodeClusterId('x')).toBe('{"version":"1","id":"x"}')
  })

  it('read back as they were written', () => {
    const broker = { id: 3, host: '127.0.0.1', port: 1, rack: null }
    expect(decodeBroker(3, bytes(encodeBroker(broker, 0)))).toEqual(broker)
    expect(decodeController(bytes(encodeController(7, 0)))).toBe(7)
    const assignments = new Map([
      [0, { replicas: [1, 2], addingReplicas: [2], removingReplicas: [1], strayReplicas: [] }],
      [1, assignmentOf([2])],
    ])
    const topicId = '3Lx5mLbTQQq1qBXHfHLtVQ'
    expect(decodeTopic(bytes(encodeTopic(topicId, assignments)))).toEqual({ topicId, assignments })
    expect(decodeTopic(bytes(encodeTopic('no id', assignments)))).toEqual({ topicId: null, assignments })
    const state = { leader: 1, leaderEpoch: 3, isr: [1], leaderRecoveryState: LeaderRecoveryState.RECOVERING, partitionEpoch: 12 }
    expect(decodeState(bytes(encodeState(state, 4)), 12)).toEqual({ state, controllerEpoch: 4 })
    expect(decodeConfigs(bytes(encodeConfigs({ a: 'b' })))).toEqual({ a: 'b' })
    expect(decodeTopicConfigChange(bytes(encodeConfigChange('topics/t')))).toBe('t')
    expect(decodeProducerIdBlockEnd(bytes(encodeProducerIdBlock(1, 2n ** 60n, 2n ** 60n + 999n)))).toBe(2n ** 60n + 999n)
    expect(decodeClusterId(bytes(encodeClusterId('x')))).toBe('x')
  })

  it('of older tools are understood', () => {
    expect(decodeTopic(bytes('{"version":1,"partitions":{"0":[1]}}'))).toEqual({
      topicId: null,
      assignments: new Map([[0, assignmentOf([1])]]),
    })
    expect(decodeTopicConfigChange(bytes('{"version":1,"entity_type":"topics","entity_name":"t"}'))).toBe('t')
    expect(decodeTopicConfigChange(bytes('{"version":2,"entity_path":"brokers/1"}'))).toBe(null)
    expect(decodePreferredElection(bytes('{"version":1,"partitions":[{"topic":"t","partition":0},{"topic":1}]}'))).toEqual([
      { topic: 't', partition: 0 },
    ])
  })

  /** An outside writer can put anything there: no decoder throws. */
  it('that make no sense are never more than that', () => {
    const anything = fc.oneof(fc.json().map(bytes), fc.uint8Array(), fc.string().map(bytes))
    fc.assert(
      fc.property(anything, (data) => {
        for (const decode of [decodeController, decodeControllerEpoch, decodeTopic, decodeConfigs, decodeTopicConfigChange])
          decode(data)
        for (const decode of [decodeProducerIdBlockEnd, decodePreferredElection, decodeClusterId]) decode(data)
        decodeBroker(1, data)
        decodeState(data, 0)
      }),
    )
  })
})
