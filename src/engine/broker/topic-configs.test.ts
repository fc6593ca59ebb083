import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brokerConfigDefinitions, brokerConfigTable } from './broker-configs'
import { whyInvalid } from './config-definition'
import { topicConfigDefinitions, topicConfigTable, whyTopicConfigsInvalid } from './topic-configs'

const why = (name: string, value: string) => whyTopicConfigsInvalid(new Map([[name, value]]))

describe('topic configs', () => {
  it('have defaults that are valid, documentation, and a broker config behind every synonym', () => {
    for (const definition of [...topicConfigDefinitions, ...brokerConfigDefinitions]) {
      // The few broker configs whose default is "none" are read-only and always set.
      if (definition.default !== '' || definition.type === 'list') expect(whyInvalid(definition, definition.default)).toBe(null)
      expect(definition.documentation).toMatch(/\.$/)
    }
    for (const { brokerSynonym } of topicConfigDefinitions)
      if (brokerSynonym !== null) expect(brokerConfigTable.has(brokerSynonym)).toBe(true)
    expect(topicConfigTable.size).toBe(topicConfigDefinitions.length)
    expect(brokerConfigTable.size).toBe(brokerConfigDefinitions.length)
  })

  it.each([
    ['nonsense', '1', 'Unknown topic config name: nonsense'],
    ['retention.ms', 'soon', 'Invalid value soon for configuration retention.ms: Not a number of type LONG'],
    ['retention.ms', '-2', 'Invalid value -2 for configuration retention.ms: Value must be at least -1'],
    [
      'retention.ms',
      '9223372036854775808',
      'Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG',
    ],
    ['max.message.bytes', '2147483648', 'Invalid value 2147483648 for configuration max.message.bytes: Not a number of type INT'],
    ['min.insync.replicas', '0', 'Invalid value 0 for configuration min.insync.replicas: Value must be at least 1'],
    [
      'min.cleanable.dirty.ratio',
      '1.5',
      'Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
    ],
    [
      'unclean.leader.election.enable',
      'yes',
      'Invalid value yes for configuration unclean.leader.election.enable: Expected value to be either true or false',
    ],
    [
      'cleanup.policy',
      'delete,burn',
      'Invalid value delete,burn for configuration cleanup.policy: String must be one of: compact, delete',
    ],
    [
      'message.timestamp.type',
      'Now',
      'Invalid value Now for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime',
    ],
  ])('refuse %s = %s in Kafka’s words', (name, value, sentence) => {
    expect(why(name, value)).toBe(sentence)
  })

  it.each([
    ['retention.ms', '-1'],
    ['flush.ms', '9223372036854775807'],
    ['cleanup.policy', 'compact, delete'],
    ['cleanup.policy', 'compact'],
    ['unclean.leader.election.enable', 'TRUE'],
    ['segment.bytes', '1048576'],
    ['compression.type', 'gzip'],
  ])('take %s = %s', (name, value) => {
    expect(why(name, value)).toBe(null)
  })

  it('that this broker does not act on take their default only, and say why', () => {
    expect(why('remote.storage.enable', 'false')).toBe(null)
    expect(why('remote.storage.enable', 'true')).toMatch(/Not acted on/)
    expect(why('compression.gzip.level', '-1')).toBe(null)
    expect(why('compression.gzip.level', '9')).toMatch(/Not acted on/)
  })

  it('are judged together as well', () => {
    const configs = new Map([
      ['min.compaction.lag.ms', '100'],
      ['max.compaction.lag.ms', '50'],
    ])
    expect(whyTopicConfigsInvalid(configs)).toMatch(/^conflict topic config setting/)
  })

  // Whatever is asked for, the answer is a sentence or null: nothing throws.
  it('judge any text without failing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...topicConfigTable.keys(), 'x'), fc.string(), (name, value) => {
        const answer = why(name, value)
        expect(answer === null || answer.length > 0).toBe(true)
      }),
    )
  })
})
