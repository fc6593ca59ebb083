/**
 * Parsing Canonical Form and its fingerprints (Avro specification, "Transforming into Parsing Canonical Form", "Schema Fingerprints"): what
 * readers of single-object encoding and of other tools know a schema by. The registry does not use it. Pure.
 */
import { createHash } from 'node:crypto'
import { type AvroSchema, type AvroType, isNamed } from './model'

/** Names in full, nothing but what decides how bytes are read, no white space. */
export function parsingCanonicalForm(schema: AvroSchema): string {
  const written = new Set<string>()
  const write = (type: AvroType): string => {
    if (isNamed(type)) {
      const { fullName } = type.name
      if (written.has(fullName)) return JSON.stringify(fullName)
      written.add(fullName)
      const head = `{"name":${JSON.stringify(fullName)},"type":"${type.kind === 'record' && type.isError ? 'error' : type.kind}"`
      if (type.kind === 'enum') return `${head},"symbols":[${type.symbols.map((symbol) => JSON.stringify(symbol)).join(',')}]}`
      if (type.kind === 'fixed') return `${head},"size":${type.size}}`
      const fields = type.fields.map((field) => `{"name":${JSON.stringify(field.name)},"type":${write(field.type)}}`)
      return `${head},"fields":[${fields.join(',')}]}`
    }
    switch (type.kind) {
      case 'union':
        return `[${type.branches.map(write).join(',')}]`
      case 'array':
        return `{"type":"array","items":${write(type.items)}}`
      case 'map':
        return `{"type":"map","values":${write(type.values)}}`
      default:
        return `"${type.kind}"`
    }
  }
  return write(schema.root)
}

export type FingerprintAlgorithm = 'CRC-64-AVRO' | 'MD5' | 'SHA-256'

/** Of the Parsing Canonical Form: 8 bytes little-endian (as single-object encoding carries it), 16 or 32. */
export function fingerprint(schema: AvroSchema, algorithm: FingerprintAlgorithm): Buffer {
  const form = Buffer.from(parsingCanonicalForm(schema), 'utf8')
  if (algorithm !== 'CRC-64-AVRO')
    return createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(form)
      .digest()
  const result = Buffer.alloc(8)
  result.writeBigUInt64LE(crc64(form))
  return result
}

const empty = 0xc15d213aa4d7a795n
let table: readonly bigint[] | undefined

function crc64(bytes: Uint8Array): bigint {
  table ??= Array.from({ length: 256 }, (_, index) => {
    let value = BigInt(index)
    for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (empty & -(value & 1n))
    return value & 0xffffffffffffffffn
  })
  let value = empty
  for (const byte of bytes) value = (value >> 8n) ^ table[Number((value ^ BigInt(byte)) & 0xffn)]!
  return value
}
