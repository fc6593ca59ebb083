import { describe, expect, it } from 'vitest'
import type { ConfigDefinitionView } from '../../../shared/model/topics'
import {
  checkConfig,
  checkName,
  checkTopicForm,
  collidingName,
  isFormRight,
  meaningOf,
  retentionWords,
  specOf,
  type TopicForm,
} from './topic-form'

const none = new Set<string>()
const right: TopicForm = { name: 'orders', partitionCount: '3', replicationFactor: '3', configs: {} }
const around = { topicNames: none, liveBrokerCount: 3, definitions: [] }

function definition(over: Partial<ConfigDefinitionView>): ConfigDefinitionView {
  return { name: 'x', type: 'long', default: '0', documentation: '', validValues: null, min: null, max: null, ...over }
}

describe('the name of a topic', () => {
  it.each(['orders', 'a', 'audit.events.v2', '_schemas', 'x'.repeat(249), '...'])('%s is taken', (name) => {
    expect(checkName(name, none)).toBeNull()
  })
  it.each(['', '.', '..', 'my topic', 'größe', 'a/b', 'x'.repeat(250)])('“%s” is refused', (name) => {
    expect(checkName(name, none)).not.toBeNull()
  })
  it('must be new', () => {
    expect(checkName('orders', new Set(['orders']))).toBe('orders exists already.')
  })
  it('is warned of where Kafka would find it equal in metrics', () => {
    expect(collidingName('audit_events', new Set(['audit.events']))).toBe('audit.events')
    expect(collidingName('audit.events', new Set(['audit.events']))).toBeNull()
  })
})

describe('the form', () => {
  it('passes as it should', () => {
    expect(isFormRight(checkTopicForm(right, around))).toBe(true)
  })
  it('refuses more replicas than brokers that are up, and says how many are', () => {
    expect(checkTopicForm(right, { ...around, liveBrokerCount: 2 }).replicationFactor).toBe(
      'Only 2 brokers are up. Each replica needs its own.',
    )
  })
  it.each(['', '0', '-1', '1.5', '1e3', '10001', 'x'])('refuses %s partitions', (partitionCount) => {
    expect(checkTopicForm({ ...right, partitionCount }, around).partitionCount).not.toBeNull()
  })
  it('sends only configs that were set', () => {
    expect(specOf({ ...right, configs: { 'retention.ms': ' 60000 ', 'cleanup.policy': '' } }).configs).toEqual({
      'retention.ms': '60000',
    })
  })
})

describe('a config', () => {
  it('is checked by its range without passing through a double', () => {
    const long = definition({ type: 'long', min: '-1' })
    expect(checkConfig('9223372036854775807', long)).toBeNull()
    expect(checkConfig('9223372036854775808', long)).toBe('At most 9223372036854775807.')
    expect(checkConfig('-2', long)).toBe('At least -1.')
    expect(checkConfig('1.5', long)).toBe('A whole number.')
    expect(checkConfig('2147483648', definition({ type: 'int' }))).toBe('At most 2147483647.')
  })
  it('is one of its values where it has some', () => {
    const policy = definition({ type: 'list', validValues: ['delete', 'compact'] })
    expect(checkConfig('compact,delete', policy)).toBeNull()
    expect(checkConfig('compact,drop', policy)).toContain('drop')
    expect(checkConfig('yes', definition({ type: 'boolean' }))).not.toBeNull()
  })
  it('is told in words', () => {
    expect(meaningOf('retention.ms', '604800000')).toBe('7 d')
    expect(meaningOf('retention.ms', '-1')).toBe('for ever')
    expect(meaningOf('local.retention.ms', '-2')).toBeNull()
    expect(meaningOf('segment.bytes', '1073741824')).toBe('1.00 GiB')
    expect(meaningOf('cleanup.policy', 'delete')).toBeNull()
    expect(retentionWords('delete', '604800000')).toBe('delete after 7 d')
    expect(retentionWords('compact', '604800000')).toBe('compact')
  })
})
