/**
 * What was made of a text and may be wanted again: the least recently used goes where there are too many, or where all that is kept is too heavy. What a
 * parser makes of a text takes many times its length, and some schemas are a megabyte long. Used by the registry and by the workbench.
 */
export interface KeptOptions {
  readonly entriesMax: number
  /** In the unit of `set`'s weight; without it only entries count. */
  readonly weightMax?: number
}

interface Entry<V> {
  readonly value: V
  readonly weight: number
}

export class Kept<K, V> {
  private readonly entries = new Map<K, Entry<V>>()
  private weight = 0

  constructor(private readonly options: KeptOptions) {}

  get size(): number {
    return this.entries.size
  }

  get(key: K): V | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    // The least recently used stands first.
    this.entries.delete(key)
    this.entries.set(key, entry)
    return entry.value
  }

  /** What is heavier than all may be is not kept: everything else would go for it. */
  set(key: K, value: V, weight = 0): void {
    const { entriesMax, weightMax = Number.POSITIVE_INFINITY } = this.options
    this.delete(key)
    if (weight > weightMax) return
    this.entries.set(key, { value, weight })
    this.weight += weight
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= entriesMax && this.weight <= weightMax) return
      this.delete(oldest)
    }
  }

  delete(key: K): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.weight -= entry.weight
    this.entries.delete(key)
  }

  clear(): void {
    this.entries.clear()
    this.weight = 0
  }
}
