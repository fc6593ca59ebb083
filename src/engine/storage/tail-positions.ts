/**
 * Where the last few batches of the active segment stand. Followers and live consumers read at the tail, and the high watermark lies
 * there too, so almost every read finds its place here, without a look at index or file. Owned by LogSegment; forgotten on truncation.
 */
const capacity = 32
const fieldsPerBatch = 3

export class TailPositions {
  /** A ring of (baseOffset, lastOffset, position), allocated with the first append. */
  #ring: Float64Array | null = null
  #start = 0
  #count = 0

  push(baseOffset: number, lastOffset: number, position: number): void {
    this.#ring ??= new Float64Array(capacity * fieldsPerBatch)
    let slot = this.#start + this.#count
    if (this.#count === capacity) this.#start = (this.#start + 1) % capacity
    else this.#count++
    slot %= capacity
    this.#ring[slot * fieldsPerBatch] = baseOffset
    this.#ring[slot * fieldsPerBatch + 1] = lastOffset
    this.#ring[slot * fieldsPerBatch + 2] = position
  }

  clear(): void {
    this.#ring = null
    this.#start = 0
    this.#count = 0
  }

  get count(): number {
    return this.#count
  }

  baseOffset(index: number): number {
    return this.#field(index, 0)
  }

  lastOffset(index: number): number {
    return this.#field(index, 1)
  }

  position(index: number): number {
    return this.#field(index, 2)
  }

  /** The index of the first batch that ends at or behind `offset`, or -1 where that batch may be older than what is kept. */
  find(offset: number): number {
    if (this.#count === 0 || offset < this.baseOffset(0) || offset > this.lastOffset(this.#count - 1)) return -1
    let low = 0
    let high = this.#count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.lastOffset(middle) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #field(index: number, field: number): number {
    return this.#ring![((this.#start + index) % capacity) * fieldsPerBatch + field]!
  }
}
