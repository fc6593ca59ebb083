import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blankForm, bytesOf, checkForm, payloadProblem, previewOf, problemCount, requestOf } from './produce-form'

const form = (change: Partial<ReturnType<typeof blankForm>> = {}) => ({ ...blankForm('orders'), ...change })

describe('payloads while they are typed', () => {
  it('say where they are wrong', () => {
    expect(payloadProblem({ format: 'json', text: '{\n  "a" 1\n}' })).toMatchObject({ line: 2, column: 7 })
    expect(payloadProblem({ format: 'hex', text: '9f 3g' })).toMatchObject({ message: 'g is no hex digit.', column: 5 })
    expect(payloadProblem({ format: 'hex', text: '9f 3' })).not.toBeNull()
    expect(payloadProblem({ format: 'base64', text: 'a*b=' })).toMatchObject({ column: 2 })
    expect(payloadProblem({ format: 'base64', text: 'abcde' })).not.toBeNull()
    expect(payloadProblem({ format: 'text', text: '{' })).toBeNull()
  })

  it('take the placeholder for a number, and name it as it was typed', () => {
    expect(payloadProblem({ format: 'json', text: '{"n": {{index}}, "s": "{{index}}"}' })).toBeNull()
    expect(payloadProblem({ format: 'json', text: '{"a" "x{{index}}"}' })?.message).toContain('"x{{index}}"')
  })

  it('give the bytes that were meant', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
        const base64 = btoa(String.fromCharCode(...bytes))
        return [
          { format: 'hex', text: hex } as const,
          { format: 'base64', text: base64 } as const,
          { format: 'base64', text: base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') } as const,
        ].every((input) => payloadProblem(input) === null && String(bytesOf(input, 0)) === String(bytes))
      }),
    )
  })
})

describe('the form', () => {
  it('counts what is wrong', () => {
    const problems = checkForm(
      form({ topic: '', count: '0', timestamp: 'soon', headers: [{ id: 0, key: 'h', value: { format: 'hex', text: 'z' } }] }),
      null,
      0,
    )
    expect(problemCount(problems)).toBe(4)
    expect(checkForm(form(), 3, 0)).toMatchObject({ topic: null, count: null })
    expect(checkForm(form({ partition: 3 }), 3, 0).partition).toBe('orders has no partition 3.')
  })

  it('takes counts as people write them, up to a million', () => {
    expect(requestOf(form({ count: '10,000' }), 0)?.count).toBe(10_000)
    expect(requestOf(form({ count: '1000001' }), 0)).toBeNull()
    expect(requestOf(form({ count: '1.5' }), 0)).toBeNull()
  })

  it('sends any int64 as a timestamp, and none for now', () => {
    expect(requestOf(form({ timestamp: '9223372036854775807' }), 0)?.timestamp).toBe('9223372036854775807')
    expect(requestOf(form(), 0)?.timestamp).toBeNull()
  })
})

describe('the preview', () => {
  it("puts keys where Kafka's default partitioner does", () => {
    // As kafka-clients and librdkafka place them.
    const shown = previewOf(form({ key: { format: 'text', text: 'kafka' }, count: '1' }), 100)
    expect(shown[0]?.partition).toBe(partitionOfKafka)
  })

  it('fills in the placeholder, and spreads what has no key', () => {
    const shown = previewOf(form({ key: { format: 'text', text: 'k{{index}}' }, count: '2' }), 6)
    expect(shown.map((message) => message.key)).toEqual(['k0', 'k1'])
    expect(previewOf(form(), 6)[0]).toMatchObject({ key: null, partition: null })
    expect(previewOf(form({ partition: 4 }), 6)[0]?.partition).toBe(4)
  })
})

/** murmur2('kafka') is 0xd067cf64 by the reference; its positive part modulo 100. */
const partitionOfKafka = (0xd067cf64 & 0x7fffffff) % 100
