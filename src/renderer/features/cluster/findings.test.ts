import { describe, expect, it } from 'vitest'
import { findingsOf } from './findings'
import { brokerOf, partitionOf } from './testing/views'

const up = (id: number, leaderCount = 0, replicaCount = 10) => ({ ...brokerOf(id), leaderCount, replicaCount })

describe('what is not well', () => {
  it('is nothing in a healthy cluster', () => {
    expect(findingsOf([partitionOf()], [up(1), up(2), up(3)])).toEqual([])
  })
  it('names a leaderless partition, where its data is, and offers to bring that back', () => {
    const [finding] = findingsOf(
      [partitionOf({ topic: 'audit', partition: 1, leader: null, replicas: [2], isr: [2] })],
      [up(1), brokerOf(2, 'killed')],
    )
    expect(finding).toMatchObject({
      id: 'leaderless',
      severity: 'error',
      text: 'audit-1 has no leader: nothing can be read or written there. Its only replica is on broker 2 (killed).',
    })
    expect(finding?.remedies[0]).toMatchObject({ kind: 'broker', label: 'Start broker 2', action: 'start' })
  })
  it('resumes a frozen broker, and offers it once, where writes fail', () => {
    const findings = findingsOf([partitionOf({ isr: [1], minInSyncReplicas: 2 })], [up(1), brokerOf(2, 'frozen'), brokerOf(3)])
    expect(findings.map(({ id }) => id)).toEqual(['below-min', 'under-replicated'])
    expect(findings[0]?.remedies).toMatchObject([{ label: 'Resume broker 2' }])
    expect(findings[1]?.text).toBe('orders-0 is under-replicated. Broker 2 is frozen, broker 3 is catching up.')
    expect(findings[1]?.remedies).toMatchObject([{ kind: 'show' }])
  })
  it('takes a replica that is being added for no missing one', () => {
    const growing = partitionOf({ replicas: [1, 2, 3], isr: [1, 2] })
    expect(findingsOf([growing], [up(1), up(2), up(3)], () => [3])).toEqual([])
    expect(findingsOf([growing], [up(1), up(2), up(3)], () => [2])).toHaveLength(1)
  })
  it('offers an election only where the preferred leader could lead', () => {
    const brokers = [up(1, 0), up(2, 2), brokerOf(3, 'killed')]
    const astray = partitionOf({ leader: 2 })
    const waiting = partitionOf({ leader: 2, replicas: [3, 2], isr: [2] })
    const ids = (...partitions: Parameters<typeof findingsOf>[0]) => findingsOf(partitions, brokers).map(({ id }) => id)
    expect(ids(astray)).toEqual(['leader-skew'])
    expect(ids(waiting)).toEqual(['under-replicated'])
  })
  it('offers to spread onto a broker that holds little, not where every broker has every partition', () => {
    const [finding] = findingsOf([partitionOf({ replicas: [1, 2] })], [up(1, 1, 12), up(2, 0, 12), up(3, 0, 0)])
    expect(finding).toMatchObject({ id: 'replica-skew', text: 'Broker 3 holds 0 of 24 replicas; an even share is 8.' })
    expect(findingsOf([partitionOf()], [up(1, 1, 12), up(2, 0, 12), up(3, 0, 0)])).toEqual([])
  })
})
