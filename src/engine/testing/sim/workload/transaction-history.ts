/**
 * What transactional producers did and were told, and what readers of committed records have seen: each call checks what can be checked at that moment, and
 * at the end all that was read is held against all that was written. Pure: it knows no cluster, only answers.
 *
 * A transaction counts as committed once its producer was told so; as undecided from when its producer has asked for it; and as never committed if it did not
 * ask, was refused, or asked after another producer of the transactional id had been let in.
 */
export const transactionRules = {
  abortedNever: 'nothing of a transaction that was not committed is read by readers of committed records',
  committedWhole: 'all of a committed transaction is read, in each partition once and in the order sent',
  allOrNothing: 'of a transaction whose commit was not answered all is read, or nothing',
  noZombie: 'a producer that was fenced commits nothing',
  offsetsToo: 'the offsets of a group are those of the last transaction that was committed',
  endsInTime: 'every transaction ends in time, and holds up readers no longer',
  readStaysRead: 'what a reader of committed records has read at an offset stays there',
} as const

export interface BrokenTransactionRule {
  readonly rule: string
  readonly transactionalId: string
  readonly message: string
  /** When what is broken was promised, and where; null where nothing can excuse it. */
  readonly promised: { readonly atMs: number; readonly partition: number; readonly offset: number } | null
}

export interface TransactionHistoryOptions {
  readonly nowMs: () => number
  /** Why it need not hold, or null. */
  readonly excuse: (broken: BrokenTransactionRule) => string | null
  /** Throws. */
  readonly violate: (broken: BrokenTransactionRule) => never
  readonly count: (name: string) => void
}

export interface SentInTransaction {
  readonly partition: number
  readonly value: string
  /** Null: not acknowledged. */
  offset: number | null
}

export interface Transaction {
  readonly transactionalId: string
  /** Of its producer: how many were let in before. */
  readonly generation: number
  readonly number: number
  readonly sent: SentInTransaction[]
  outcome: 'never' | 'undecided' | 'committed'
  isCommitAsked: boolean
  endedAtMs: number
  hasOffsets: boolean
}

interface SeenRecord {
  readonly value: string
  readonly reader: string
  readonly atMs: number
}

export class TransactionHistory {
  readonly #byId = new Map<string, Transaction[]>()
  readonly #byValue = new Map<string, { readonly transaction: Transaction; readonly sent: SentInTransaction }>()
  readonly #generations = new Map<string, number>()
  readonly #seen = new Map<string, SeenRecord>()

  constructor(private readonly options: TransactionHistoryOptions) {}

  get transactionalIds(): string[] {
    return [...this.#byId.keys()]
  }

  /** A producer was let in; answers its generation. Who came before can commit nothing any more that it has not asked for yet. */
  onInitialized(transactionalId: string): number {
    this.options.count('transactional producers let in')
    const generation = (this.#generations.get(transactionalId) ?? 0) + 1
    this.#generations.set(transactionalId, generation)
    return generation
  }

  onBegun(transactionalId: string, generation: number): Transaction {
    const all = this.#byId.get(transactionalId) ?? []
    this.#byId.set(transactionalId, all)
    const transaction: Transaction = {
      ...{ transactionalId, generation, number: all.length + 1, sent: [] },
      ...{ outcome: 'never', isCommitAsked: false, endedAtMs: 0, hasOffsets: false },
    }
    all.push(transaction)
    return transaction
  }

  /** Answers what to write. */
  onSent(transaction: Transaction, partition: number): SentInTransaction {
    const { transactionalId, number, sent } = transaction
    const record = { partition, value: `${transactionalId}|${number}|${sent.length}`, offset: null }
    sent.push(record)
    this.#byValue.set(record.value, { transaction, sent: record })
    return record
  }

  onCommitAsked(transaction: Transaction): void {
    transaction.isCommitAsked = true
    if (!this.#isFenced(transaction)) transaction.outcome = 'undecided'
  }

  onCommitted(transaction: Transaction): void {
    this.options.count('transactions committed')
    const { transactionalId, number, generation } = transaction
    if (transaction.outcome === 'never') {
      const message = `transaction ${number} of generation ${generation} was committed, and another producer had been let in before it asked`
      this.#report({ rule: transactionRules.noZombie, transactionalId, message, promised: null })
    }
    transaction.outcome = 'committed'
    transaction.endedAtMs = this.options.nowMs()
  }

  /** `isUnknown`: it may have been committed. */
  onCommitFailed(transaction: Transaction, isUnknown: boolean): void {
    this.options.count(isUnknown ? 'transactions undecided' : 'transactions refused')
    if (!isUnknown) transaction.outcome = 'never'
    transaction.endedAtMs = this.options.nowMs()
  }

  onAborted(): void {
    this.options.count('transactions aborted')
  }

  onRead(reader: string, partition: number, offset: number, value: string): void {
    this.options.count('records read in transactions')
    const found = this.#byValue.get(value)
    if (found === undefined) throw new Error(`${reader} reads "${value}", which nobody has written`)
    const { transaction } = found
    const { transactionalId, number } = transaction
    const place = `${partition}/${offset}`
    const before = this.#seen.get(place)
    if (before !== undefined && before.value !== value) {
      const message = `${reader} reads ${value} at offset ${offset} of partition ${partition}, and ${before.reader} has read ${before.value}`
      const promised = { atMs: before.atMs, partition, offset }
      this.#report({ rule: transactionRules.readStaysRead, transactionalId, message, promised })
    }
    this.#seen.set(place, { value, reader, atMs: this.options.nowMs() })
    if (transaction.outcome !== 'never') return
    const rule =
      transaction.isCommitAsked && this.#isFenced(transaction) ? transactionRules.noZombie : transactionRules.abortedNever
    const message = `${reader} reads ${value} at offset ${offset} of partition ${partition}, and transaction ${number} was not committed`
    this.#report({ rule, transactionalId, message, promised: null })
  }

  /**
   * All there is, by partition in order, read when nobody writes any more. `heldUp`: partitions with a transaction that never ends, and the offset where it
   * begins; what lies behind that nobody can read.
   */
  onReadToEnd(
    partitions: ReadonlyMap<number, readonly { readonly offset: number; readonly value: string }[]>,
    heldUp: ReadonlyMap<number, number> = new Map(),
  ): void {
    for (const all of this.#byId.values()) for (const transaction of all) this.#holdAgainst(transaction, partitions, heldUp)
    for (const [place, { value, reader, atMs }] of this.#seen) {
      const [partition = 0, offset = 0] = place.split('/').map(Number)
      if (offset >= (heldUp.get(partition) ?? Number.POSITIVE_INFINITY)) continue
      const isThere = partitions.get(partition)?.some((record) => record.offset === offset && record.value === value) ?? false
      if (isThere) continue
      const transactionalId = this.#byValue.get(value)?.transaction.transactionalId ?? ''
      const message = `${reader} has read ${value} at offset ${offset} of partition ${partition}, where it is not any more`
      this.#report({ rule: transactionRules.readStaysRead, transactionalId, message, promised: { atMs, partition, offset } })
    }
  }

  /** What the group of the transactional id has committed in the end: the number of a transaction, -1 for none. */
  onOffsetRead(transactionalId: string, offset: number): void {
    const all = (this.#byId.get(transactionalId) ?? []).filter(({ hasOffsets }) => hasOffsets)
    const lastCommitted = all.findLast(({ outcome }) => outcome === 'committed')
    const least = lastCommitted?.number ?? -1
    const isKnown = offset === -1 || all.some(({ number, outcome }) => number === offset && outcome !== 'never')
    if (isKnown && offset >= least) return
    const message = `its group is at ${offset}, and the last transaction that was committed with offsets is ${least}`
    const promised = lastCommitted === undefined ? null : { atMs: lastCommitted.endedAtMs, partition: -1, offset: 0 }
    this.#report({ rule: transactionRules.offsetsToo, transactionalId, message, promised })
  }

  report(rule: string, transactionalId: string, message: string): void {
    this.#report({ rule, transactionalId, message, promised: null })
  }

  #holdAgainst(
    { transactionalId, number, sent, outcome, endedAtMs }: Transaction,
    partitions: ReadonlyMap<number, readonly { readonly value: string }[]>,
    heldUp: ReadonlyMap<number, number>,
  ): void {
    const isHeldUp = (partition: number, offset: number): boolean => offset >= (heldUp.get(partition) ?? Number.POSITIVE_INFINITY)
    const acknowledged = sent.filter(({ partition, offset }) => offset !== null && !isHeldUp(partition, offset))
    const read = sent.map(
      ({ partition, value }) => partitions.get(partition)?.filter((record) => record.value === value).length ?? 0,
    )
    const missing = acknowledged.filter(({ value }) => read[sent.findIndex((record) => record.value === value)] === 0)
    const promised =
      missing[0] === undefined ? null : { atMs: endedAtMs, partition: missing[0].partition, offset: missing[0].offset ?? 0 }
    const what = `transaction ${number}, of ${sent.length} records`
    if (outcome === 'committed' && missing.length > 0) {
      const message = `${what} lacks ${missing.map(({ value, partition, offset }) => `${value} at ${offset} of ${partition}`).join(', ')}`
      this.#report({ rule: transactionRules.committedWhole, transactionalId, message, promised })
    }
    const isAnyRead = read.some((times) => times > 0)
    if (outcome === 'undecided' && isAnyRead && missing.length > 0) {
      const message = `${what} is read in part: ${missing.map(({ value }) => value).join(', ')} are missing`
      this.#report({ rule: transactionRules.allOrNothing, transactionalId, message, promised })
    }
    if (read.some((times) => times > 1)) {
      const message = `${what} has a record that is read twice`
      this.#report({ rule: transactionRules.committedWhole, transactionalId, message, promised: null })
    }
    for (const [partition, records] of partitions) {
      const order = records.filter(({ value }) => value.startsWith(`${transactionalId}|${number}|`)).map(({ value }) => value)
      const expected = sent
        .filter((record) => record.partition === partition && order.includes(record.value))
        .map(({ value }) => value)
      if (order.join() === expected.join()) continue
      const message = `${what} stands in partition ${partition} as ${order.join()}`
      this.#report({ rule: transactionRules.committedWhole, transactionalId, message, promised: null })
    }
  }

  #isFenced({ transactionalId, generation }: Transaction): boolean {
    return generation < (this.#generations.get(transactionalId) ?? 0)
  }

  #report(broken: BrokenTransactionRule): void {
    const excuse = this.options.excuse(broken)
    if (excuse === null) this.options.violate(broken)
    this.options.count(`transaction rules excused by ${excuse}`)
  }
}
