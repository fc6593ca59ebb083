/**
 * The few ASN.1 types that a certificate is made of, in DER (X.690): written, and as much read as is needed to find the subject of a certificate that
 * was written before. Pure; knows nothing of certificates.
 */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

const CONTEXT = 0x80
const CONSTRUCTED = 0x20

function encode(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const size: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) size.unshift(rest % 256)
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | size.length, ...size]
  return Buffer.concat([Buffer.from(header), content])
}

export function sequence(...items: readonly Uint8Array[]): Buffer {
  return encode(TAG.sequence, Buffer.concat(items))
}

/** DER wants the elements of a set in ascending order; ours have one. */
export function setOfOne(item: Uint8Array): Buffer {
  return encode(TAG.set, item)
}

/** `magnitude`: big-endian, not negative. */
export function integer(magnitude: Uint8Array | number): Buffer {
  const bytes = typeof magnitude === 'number' ? bytesOf(magnitude) : Buffer.from(magnitude)
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const minimal = bytes.length === 0 ? Buffer.of(0) : bytes.subarray(start)
  // A first bit that is set would make it negative.
  return encode(TAG.integer, (minimal[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), minimal]) : minimal)
}

export function boolean(value: boolean): Buffer {
  return encode(TAG.boolean, Buffer.of(value ? 0xff : 0))
}

export function octetString(content: Uint8Array): Buffer {
  return encode(TAG.octetString, content)
}

/** `unusedBits`: how many bits at the end of the last byte do not count; they must be 0. */
export function bitString(content: Uint8Array, unusedBits = 0): Buffer {
  return encode(TAG.bitString, Buffer.concat([Buffer.of(unusedBits), content]))
}

/** `2.5.29.17` and the like. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part % 128]
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) + 128)
    bytes.push(...groups)
  }
  return encode(TAG.objectIdentifier, Buffer.from(bytes))
}

export function utf8String(text: string): Buffer {
  return encode(TAG.utf8String, Buffer.from(text, 'utf8'))
}

/** To the second. As RFC 5280 wants it: two digits of the year before 2050, four from then on. */
export function time(ms: number): Buffer {
  const digits = new Date(Math.floor(ms / 1000) * 1000)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  return Number(digits.slice(0, 4)) < 2050
    ? encode(TAG.utcTime, Buffer.from(digits.slice(2)))
    : encode(TAG.generalizedTime, Buffer.from(digits))
}

/** A field with a number of its own around what it holds. */
export function explicit(number: number, content: Uint8Array): Buffer {
  return encode(CONTEXT | CONSTRUCTED | number, content)
}

/** A field with a number of its own instead of its type's. */
export function implicit(number: number, content: Uint8Array): Buffer {
  return encode(CONTEXT | number, content)
}

export interface DerElement {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Buffer
  readonly content: Buffer
}

/** The elements that stand in `bytes` one after the other. Throws RangeError where they do not end with them. */
export function elementsOf(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes.readUInt8(at)
    const short = bytes.readUInt8(at + 1)
    const sizeBytes = short < 0x80 ? 0 : short & 0x7f
    if (sizeBytes > 4 || short === 0x80) throw new RangeError('not DER')
    const length = sizeBytes === 0 ? short : bytes.readUIntBE(at + 2, sizeBytes)
    const start = at + 2 + sizeBytes
    if (start + length > bytes.length) throw new RangeError('not DER')
    elements.push({ tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return elements
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
