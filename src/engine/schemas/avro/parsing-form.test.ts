/** Vectors of Apache's schema-tests.txt where it is at hand, and of our own. */
import { describe, expect, it } from 'vitest'
import { referenceFile } from '../../testing/reference-file'
import { fingerprint, parsingCanonicalForm } from './parsing-form'
import { schemaOf } from './testing/schemas'

interface Vector {
  readonly input: string
  readonly canonical: string
  /** Signed. */
  readonly fingerprint: bigint | null
}

const crc = (text: string): bigint => fingerprint(schemaOf(text), 'CRC-64-AVRO').readBigInt64LE()

/** <<NAME value on one line, or <<NAME, lines, NAME. */
function vectorsOf(text: string): readonly Vector[] {
  const vectors: Vector[] = []
  const lines = text.split('\n')
  const take = (name: string, index: number): readonly [string, number] => {
    const rest = lines[index]!.slice(name.length + 2).trim()
    if (rest) return [rest, index + 1]
    const end = lines.indexOf(name, index + 1)
    return [lines.slice(index + 1, end).join('\n'), end + 1]
  }
  for (let index = 0; index < lines.length; ) {
    if (!lines[index]!.startsWith('<<INPUT')) {
      index++
      continue
    }
    const [input, afterInput] = take('INPUT', index)
    const [canonical, afterCanonical] = take('canonical', afterInput)
    index = afterCanonical
    let value: bigint | null = null
    if (lines[index]?.startsWith('<<fingerprint')) {
      const [digits, after] = take('fingerprint', index)
      value = BigInt(digits)
      index = after
    }
    vectors.push({ input, canonical, fingerprint: value })
  }
  return vectors
}

describe('Parsing Canonical Form', () => {
  const text = referenceFile('apache-avro/schema-tests.txt', "vectors of Apache's canonical form")
  const vectors = text ? vectorsOf(text) : []
  it.runIf(text)("has all of Apache's vectors", () => {
    expect(vectors).toHaveLength(34)
  })
  for (const vector of vectors)
    it(`agrees with Apache on ${vector.input.slice(0, 70)}`, () => {
      expect(parsingCanonicalForm(schemaOf(vector.input))).toBe(vector.canonical)
      if (vector.fingerprint !== null) expect(crc(vector.input)).toBe(vector.fingerprint)
    })

  const own: readonly (readonly [string, string])[] = [
    ['{"type":"long","logicalType":"timestamp-millis"}', '"long"'],
    ['{"type":"map","doc":"x","values":{"type":"string"}}', '{"type":"map","values":"string"}'],
    [
      '{"type":"record","name":"N","namespace":"a.b","doc":"d","fields":[{"name":"next","type":["null","N"],"default":null}]}',
      '{"name":"a.b.N","type":"record","fields":[{"name":"next","type":["null","a.b.N"]}]}',
    ],
    ['{"type":"enum","symbols":["A","B"],"default":"A","name":"x.E"}', '{"name":"x.E","type":"enum","symbols":["A","B"]}'],
    ['{"type":"fixed","aliases":["G"],"size":12,"name":"F"}', '{"name":"F","type":"fixed","size":12}'],
  ]
  for (const [input, canonical] of own)
    it(`keeps what decides how bytes are read of ${input.slice(0, 60)}`, () => {
      expect(parsingCanonicalForm(schemaOf(input))).toBe(canonical)
      expect(parsingCanonicalForm(schemaOf(canonical))).toBe(canonical)
    })
})

describe('fingerprints', () => {
  it('gives the CRC-64-AVRO of known forms', () => {
    expect(crc('"null"')).toBe(7195948357588979594n)
    expect(crc('"string"')).toBe(-8142146995180207161n)
    expect(crc('{"type":"fixed","name":"foo","size":15}')).toBe(1756455273707447556n)
  })

  it('gives MD5 and SHA-256 of the canonical form, whatever stood around it', () => {
    const schema = schemaOf({ type: 'int', logicalType: 'date' })
    expect(fingerprint(schema, 'MD5').toString('hex')).toBe('ef524ea1b91e73173d938ade36c1db32')
    expect(fingerprint(schema, 'SHA-256').toString('hex')).toBe(
      '3f2b87a9fe7cc9b13835598c3981cd45e3e355309e5090aa0933d7becb6fba45',
    )
  })
})
