/** Protobuf's binary encoding, both ways. The reader checks every length against what is left; errors are SerdeErrors that name the byte. */
import { SerdeError } from '../serde-error'

export enum WireType {
  varint = 0,
  fixed64 = 1,
  bytes = 2,
  startGroup = 3,
  endGroup = 4,
  fixed32 = 5,
}

/** Protobuf's own readers stop here. */
export const protoDepthMax = 100

export class ProtoReader {
  private readonly buffer: Buffer
  offset = 0

  constructor(
    bytes: Uint8Array,
    /** Of these bytes within the payload, for messages within it. */
    private readonly base = 0,
  ) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.offset >= this.buffer.length
  }

  /** Where the next byte stands in the payload. */
  get position(): number {
    return this.base + this.offset
  }

  fail(message: string, position = this.position): SerdeError {
    return new SerdeError(`${message}, at byte ${position}`, null, position)
  }

  /** As an unsigned 64-bit number. */
  varint(what: string): bigint {
    const start = this.position
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte(what)
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return BigInt(low)
    }
    let value = BigInt(low)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte(what)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw this.fail(`${what} is longer than ten bytes`, start)
  }

  tag(): { readonly id: number; readonly wire: WireType } {
    const start = this.position
    const tag = this.varint('a field number')
    const id = Number(tag >> 3n)
    const wire = Number(tag & 7n)
    if (id < 1 || id > 0x1fff_ffff) throw this.fail(`${id} is no field number`, start)
    if (wire > 5) throw this.fail(`wire type ${wire} of field ${id} does not exist`, start)
    return { id, wire: wire as WireType }
  }

  fixed(size: 4 | 8, what: string): Buffer {
    return this.take(size, what)
  }

  bytes(what: string): Buffer {
    const start = this.position
    const length = this.varint(`the length of ${what}`)
    const left = this.buffer.length - this.offset
    if (length > left) throw this.fail(`the length of ${what} is ${length}, and ${left} bytes are left`, start)
    return this.take(Number(length), what)
  }

  /** Reads over a field that the message does not know, groups within groups included. */
  skip(id: number, wire: WireType): void {
    const what = `field ${id}`
    for (let open = 0; ; ) {
      if (wire === WireType.varint) this.varint(what)
      else if (wire === WireType.fixed64) this.take(8, what)
      else if (wire === WireType.fixed32) this.take(4, what)
      else if (wire === WireType.bytes) this.bytes(what)
      else if (wire === WireType.startGroup) open++
      else if (--open < 0) throw this.fail(`a group ends that did not begin (field ${id})`)
      if (open === 0) return
      wire = this.tag().wire
    }
  }

  /** The bytes of a group whose start was read, without its end. */
  group(id: number): Buffer {
    const start = this.offset
    for (;;) {
      const end = this.offset
      const tag = this.tag()
      if (tag.wire !== WireType.endGroup) this.skip(tag.id, tag.wire)
      else if (tag.id !== id) throw this.fail(`group ${id} ends as group ${tag.id}`)
      else return this.buffer.subarray(start, end)
    }
  }

  private byte(what: string): number {
    const byte = this.buffer[this.offset]
    if (byte === undefined) throw this.fail(`the payload ends within ${what}`)
    this.offset++
    return byte
  }

  private take(size: number, what: string): Buffer {
    if (size > this.buffer.length - this.offset) throw this.fail(`the payload ends within ${what}`)
    this.offset += size
    return this.buffer.subarray(this.offset - size, this.offset)
  }
}

export class ProtoWriter {
  private readonly parts: Buffer[] = []

  tag(id: number, wire: WireType): void {
    this.varint((BigInt(id) << 3n) | BigInt(wire))
  }

  /** Negative numbers as 64 bits, as Protobuf writes them. */
  varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    const bytes: number[] = []
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    this.parts.push(Buffer.from(bytes))
  }

  raw(bytes: Uint8Array): void {
    this.parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }

  bytes(bytes: Uint8Array): void {
    this.varint(BigInt(bytes.length))
    this.raw(bytes)
  }

  finish(): Buffer {
    return Buffer.concat(this.parts)
  }
}
