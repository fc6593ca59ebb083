import { beforeEach, describe, expect, it } from 'vitest'
import { TransactionHistory, transactionRules } from './transaction-history'

let history: TransactionHistory
let broken: string[]

beforeEach(() => {
  broken = []
  history = new TransactionHistory({
    nowMs: () => 0,
    count: () => undefined,
    excuse: ({ rule }) => {
      broken.push(rule)
      return 'it is to be told'
    },
    violate: () => {
      throw new Error('it was excused')
    },
  })
})

/** A transaction of `count` records that were acknowledged, all in partition 0, from `offset` on. */
function written(count: number, offset: number, generation = history.onInitialized('t')) {
  const transaction = history.onBegun('t', generation)
  const sent = Array.from({ length: count }, (_, index) => {
    const record = history.onSent(transaction, 0)
    record.offset = offset + index
    return record
  })
  const at = sent.map(({ value }, index) => ({ offset: offset + index, value }))
  return { transaction, at }
}

const readAll = (...records: { offset: number; value: string }[]) => {
  for (const { offset, value } of records) history.onRead('r', 0, offset, value)
  history.onReadToEnd(new Map([[0, records]]))
}

describe('the history of transactions', () => {
  it('is content with whole committed ones, and nothing of the others', () => {
    const first = written(2, 0)
    history.onCommitAsked(first.transaction)
    history.onCommitted(first.transaction)
    written(2, 3)
    const undecided = written(2, 6)
    history.onCommitAsked(undecided.transaction)
    history.onCommitFailed(undecided.transaction, true)
    readAll(...first.at, ...undecided.at)
    history.onOffsetRead('t', -1)
    expect(broken).toEqual([])
  })

  it('finds a record of an aborted one', () => {
    const { at } = written(1, 0)
    readAll(...at)
    expect(broken).toContain(transactionRules.abortedNever)
  })

  it('finds a part of a committed one missing, doubled, or out of order', () => {
    const { transaction, at } = written(2, 0)
    history.onCommitAsked(transaction)
    history.onCommitted(transaction)
    readAll(at[0]!)
    expect(broken.splice(0)).toEqual([transactionRules.committedWhole])
    history.onReadToEnd(new Map([[0, [...at, { offset: 5, value: at[0]!.value }]]]))
    expect(broken.splice(0)).toContain(transactionRules.committedWhole)
    history.onReadToEnd(new Map([[0, [...at].reverse()]]))
    expect(broken).toContain(transactionRules.committedWhole)
  })

  it('finds an undecided one that is read in part', () => {
    const { transaction, at } = written(2, 0)
    history.onCommitAsked(transaction)
    history.onCommitFailed(transaction, true)
    readAll(at[1]!)
    expect(broken).toEqual([transactionRules.allOrNothing])
  })

  it('finds a commit of a producer that was fenced before it asked, answered or read', () => {
    const zombie = written(1, 0)
    history.onInitialized('t')
    history.onCommitAsked(zombie.transaction)
    readAll(...zombie.at)
    expect(broken.splice(0)).toContain(transactionRules.noZombie)
    history.onCommitted(zombie.transaction)
    expect(broken).toContain(transactionRules.noZombie)
  })

  it('finds offsets that belong to no transaction, or to one before the last', () => {
    const first = written(1, 0)
    const second = written(1, 2, first.transaction.generation)
    for (const { transaction } of [first, second]) {
      transaction.hasOffsets = true
      history.onCommitAsked(transaction)
      history.onCommitted(transaction)
    }
    history.onOffsetRead('t', 2)
    expect(broken).toEqual([])
    for (const offset of [1, 3, -1]) history.onOffsetRead('t', offset)
    expect(broken).toEqual(Array.from({ length: 3 }, () => transactionRules.offsetsToo))
  })

  it('says nothing of what lies behind a transaction that never ends, and all of what lies before it', () => {
    const before = written(1, 0)
    const behind = written(2, 5, before.transaction.generation)
    for (const { transaction } of [before, behind]) {
      history.onCommitAsked(transaction)
      history.onCommitted(transaction)
    }
    history.onReadToEnd(new Map([[0, before.at]]), new Map([[0, 4]]))
    expect(broken).toEqual([])
    history.onReadToEnd(new Map([[0, []]]), new Map([[0, 4]]))
    expect(broken).toEqual([transactionRules.committedWhole])
  })

  it('finds what was read and is there no more', () => {
    const { transaction, at } = written(1, 0)
    history.onCommitAsked(transaction)
    history.onCommitFailed(transaction, true)
    history.onRead('r', 0, 0, at[0]!.value)
    history.onReadToEnd(new Map([[0, []]]))
    expect(broken).toEqual([transactionRules.readStaysRead])
  })
})
