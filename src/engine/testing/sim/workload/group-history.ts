/**
 * What the members of consumer groups did and were told: who was given which partitions in which generation, which offsets were committed, and what was read
 * back. Members of the workload write it, and each call checks what can be checked at that moment. Pure: it knows no cluster, only answers.
 *
 * A member commits growing offsets, and takes no generation for its own any more once it does not know what became of a commit. So what is read back lies
 * between what was acknowledged when it was asked for and what anybody has tried.
 */
export const groupRules = {
  ownedOnce: 'a partition is owned by one member of a generation',
  oneAssignment: 'a member has one assignment in a generation, over moves of the coordinator too',
  asDealt: "what a member is given in a generation is what the generation's leader gave it",
  committedIsRead: 'a committed offset is read back, or a later one',
  nothingInvented: 'an offset that is read back was committed',
  zombiesAreRefused: 'nothing is taken from a member in a generation or epoch that is over',
} as const

export interface BrokenGroupRule {
  readonly rule: string
  readonly group: string
  readonly message: string
  /** When what is broken was promised, and how far the group's log was committed then; null where nothing can excuse it. */
  readonly promised: Promise | null
}

interface Promise {
  readonly atMs: number
  readonly offset: number
}

export interface GroupHistoryOptions {
  readonly nowMs: () => number
  /** The committed end of the log that the group is kept in, as the most advanced broker knows it. */
  readonly committedEnd: (group: string) => number
  /** Why it need not hold, or null. */
  readonly excuse: (broken: BrokenGroupRule) => string | null
  /** Throws. */
  readonly violate: (broken: BrokenGroupRule) => never
  readonly count: (name: string) => void
}

interface CommittedPartition {
  /** -1: none. */
  acknowledged: number
  tried: number
  promised: Promise | null
}

interface Ownership {
  readonly memberId: string
  readonly promised: Promise
}

export interface Reader {
  /** Of the partition, when it was asked. */
  readonly acknowledgedBefore: number
  readonly who: string
}

export class GroupHistory {
  /** The newest that anybody has an assignment of. */
  readonly #generations = new Map<string, number>()
  readonly #owners = new Map<string, Ownership>()
  readonly #assignments = new Map<string, string>()
  /** What leaders have given to a member in a generation: more than one where that never came to be, and another coordinator began it again. */
  readonly #dealt = new Map<string, Set<string>>()
  readonly #committed = new Map<string, CommittedPartition>()
  /** Under the classic protocol a group counts its generations from the beginning when it has gone over to the other one and back. */
  readonly #eras = new Map<string, number>()
  /** In which era a member was first given something. It is in no earlier one, and in later ones only where its group goes over while it lives. */
  readonly #eraOf = new Map<string, number>()
  /** Who has asked a group to go over, and has not been told what became of it: each may have brought it about, once. */
  readonly #crossings = new Map<string, Set<symbol>>()
  /** Of what was last told to a member. */
  readonly #told = new Map<string, Promise>()

  constructor(private readonly options: GroupHistoryOptions) {}

  /** To be asked for before joining, and handed to onAssigned. */
  era(group: string): number {
    return this.#eras.get(group) ?? 0
  }

  /** The newest that anybody has an assignment of. */
  newestGeneration(group: string): number {
    return this.#generations.get(group) ?? 0
  }

  /** The leader of a generation is about to say who is to have what. */
  onDealt(group: string, generationId: number, dealt: ReadonlyMap<string, readonly number[]>, era = 0): void {
    const isAnew = era === this.era(group) && this.#hasBegunAnew(group, generationId, dealt)
    if (isAnew) this.#beginEra(group)
    for (const [memberId, partitions] of dealt) {
      if (!this.#eraOf.has(memberId)) this.#eraOf.set(memberId, isAnew ? this.era(group) : era)
      const name = `${group}|${generationId}|${memberId}`
      this.#dealt.set(name, (this.#dealt.get(name) ?? new Set()).add(partitions.join(', ')))
    }
  }

  onAssigned(group: string, generationId: number, memberId: string, partitions: readonly number[], era = 0): void {
    this.options.count('assignments of group members')
    const listed = partitions.join(', ')
    if (this.#dealt.get(`${group}|${generationId}|${memberId}`)?.has(listed) !== true) {
      const message = `${memberId} has [${listed}] in generation ${generationId}, which no leader of it gave it`
      this.#report({ rule: groupRules.asDealt, group, message, promised: null })
    }
    // It has taken its time: there were other generations of that number since.
    if (Math.max(era, this.#eraOf.get(memberId) ?? era) !== this.era(group)) return
    this.#generations.set(group, Math.max(generationId, this.newestGeneration(group)))
    const promised = this.#promise(group)
    this.#told.set(group, promised)
    const known = this.#assignments.get(`${group}|${generationId}|${memberId}`)
    if (known !== undefined && known !== listed) {
      const message = `${memberId} has [${listed}] in generation ${generationId}, and had [${known}]`
      this.#report({ rule: groupRules.oneAssignment, group, message, promised })
    }
    this.#assignments.set(`${group}|${generationId}|${memberId}`, listed)
    for (const partition of partitions) {
      const name = `${group}|${this.era(group)}|${generationId}|${partition}`
      const owner = this.#owners.get(name)
      if (owner !== undefined && owner.memberId !== memberId) {
        const message = `partition ${partition} of generation ${generationId} is ${memberId}'s, and was ${owner.memberId}'s`
        this.#report({ rule: groupRules.ownedOnce, group, message, promised: owner.promised })
      }
      this.#owners.set(name, { memberId, promised })
    }
  }

  /** Somebody is about to join under the new protocol. To be called back once it is known whether that was done: what is not answered may be done yet. */
  onConsumerJoins(group: string): () => void {
    const crossing = Symbol(group)
    const crossings = this.#crossings.get(group) ?? new Set()
    this.#crossings.set(group, crossings.add(crossing))
    return () => crossings.delete(crossing)
  }

  /** A member was answered in a group that speaks the new protocol. */
  onConsumerTold(group: string, isNewEpoch: boolean): void {
    if (isNewEpoch) this.#told.set(group, this.#promise(group))
    if (!this.#generations.has(group)) return
    this.options.count('groups gone over to the new protocol')
    this.#beginEra(group)
  }

  onZombieAnswered(
    group: string,
    { memberId, generationId }: { readonly memberId: string; readonly generationId: number },
    isTaken: boolean,
  ): void {
    this.options.count('zombies of groups')
    if (!isTaken) return
    const message = `what ${memberId} says in ${generationId} is taken, and it has been told of later ones`
    this.#report({ rule: groupRules.zombiesAreRefused, group, message, promised: this.#told.get(group) ?? null })
  }

  onCommitSent(group: string, partition: number, offset: number): void {
    const committed = this.#of(group, partition)
    committed.tried = Math.max(committed.tried, offset)
  }

  onCommitted(group: string, partition: number, offset: number): void {
    this.options.count('offsets committed by groups')
    const committed = this.#of(group, partition)
    if (offset <= committed.acknowledged) return
    committed.acknowledged = offset
    committed.promised = this.#promise(group)
  }

  /** To be asked for before a fetch is sent, and handed to onFetched. */
  acknowledged(group: string, partition: number): number {
    return this.#of(group, partition).acknowledged
  }

  /** Not for somebody who has been left behind: it may have asked a coordinator that has, too, and what it commits will be refused. */
  onFetched(group: string, partition: number, offset: number, reader: Reader): void {
    const { acknowledgedBefore, who } = reader
    this.options.count('offsets read back by groups')
    const committed = this.#of(group, partition)
    if (offset > committed.tried) {
      const message = `${who} reads ${offset} of partition ${partition}, and ${committed.tried} is the most that anybody has committed`
      this.#report({ rule: groupRules.nothingInvented, group, message, promised: null })
    }
    if (offset >= acknowledgedBefore) return
    const message = `${who} reads ${offset} of partition ${partition}, and ${acknowledgedBefore} was acknowledged`
    this.#report({ rule: groupRules.committedIsRead, group, message, promised: committed.promised })
    // It was lost as the rules allow: what comes now counts from here.
    committed.acknowledged = offset
  }

  *partitions(): IterableIterator<{ readonly group: string; readonly partition: number }> {
    for (const name of this.#committed.keys()) {
      const [group = '', partition] = name.split('|')
      yield { group, partition: Number(partition) }
    }
  }

  /**
   * Whether the group has gone over and back, and no member of the new protocol was told so: what one asked was written later than it could be answered, its
   * session ended, and the group was empty. Only then does a generation come again, and with strangers alone.
   */
  #hasBegunAnew(group: string, generationId: number, dealt: ReadonlyMap<string, unknown>): boolean {
    if (generationId > this.newestGeneration(group)) return false
    for (const memberId of dealt.keys()) if (this.#eraOf.has(memberId)) return false
    const crossings = this.#crossings.get(group)
    const [crossing] = crossings ?? []
    if (crossing === undefined) return false
    crossings?.delete(crossing)
    this.options.count('groups gone over to the new protocol and back unseen')
    return true
  }

  #beginEra(group: string): void {
    this.#generations.delete(group)
    this.#eras.set(group, this.era(group) + 1)
  }

  #of(group: string, partition: number): CommittedPartition {
    const name = `${group}|${partition}`
    let committed = this.#committed.get(name)
    if (committed === undefined) {
      committed = { acknowledged: -1, tried: -1, promised: null }
      this.#committed.set(name, committed)
    }
    return committed
  }

  #promise(group: string): Promise {
    return { atMs: this.options.nowMs(), offset: this.options.committedEnd(group) - 1 }
  }

  #report(broken: BrokenGroupRule): void {
    const excuse = this.options.excuse(broken)
    if (excuse === null) this.options.violate(broken)
    this.options.count(`group rules excused by ${excuse}`)
  }
}
