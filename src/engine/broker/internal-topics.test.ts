import { describe, expect, it } from 'vitest'
import { CONSUMER_OFFSETS, TRANSACTION_STATE, topicOnDemand } from './internal-topics'

const set = (values: Readonly<Record<string, string>>) => {
  const defaults: Readonly<Record<string, string>> = {
    'offsets.topic.replication.factor': '3',
    'transaction.state.log.replication.factor': '3',
    'transaction.state.log.min.isr': '2',
  }
  const brokerValue = (name: string) => values[name] ?? defaults[name] ?? '1'
  return {
    brokerValue,
    brokerNumber: (name: string) => Number(brokerValue(name)),
    isBrokerDefault: (name: string) => !(name in values),
  }
}

describe('a topic of the coordinators', () => {
  it('has no more replicas than brokers live, where nobody has said how many', () => {
    expect(topicOnDemand(CONSUMER_OFFSETS, set({}), 1).replicationFactor).toBe(1)
    expect(topicOnDemand(CONSUMER_OFFSETS, set({}), 5).replicationFactor).toBe(3)
    const transactions = topicOnDemand(TRANSACTION_STATE, set({}), 1)
    expect(transactions.configs).toContainEqual({ name: 'min.insync.replicas', value: '1' })
  })

  it('is asked for with all replicas that somebody has said, though they may not be there yet', () => {
    expect(topicOnDemand(CONSUMER_OFFSETS, set({ 'offsets.topic.replication.factor': '3' }), 1).replicationFactor).toBe(3)
    const transactions = topicOnDemand(TRANSACTION_STATE, set({ 'transaction.state.log.replication.factor': '3' }), 1)
    expect(transactions).toMatchObject({ replicationFactor: 3 })
    expect(transactions.configs).toContainEqual({ name: 'min.insync.replicas', value: '2' })
  })
})
