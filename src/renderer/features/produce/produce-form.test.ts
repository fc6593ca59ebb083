import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blankForm,
  bytesOf,
  checkForm,
  fromRecord,
  fromRequest,
  payloadProblem,
  problemCount,
  requestOf,
  sizeOf,
} from './produce-form'

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
        ].every((input) => payloadProblem(input) === null && String(bytesOf(input)) === String(bytes))
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

describe('a request', () => {
  it('comes back as the form that it was made of', () => {
    const written = form({
      key: { format: 'int64', text: '{{random 1 9}}' },
      count: '500',
      rate: '12.5',
      repeatSeconds: '60',
      keyCount: '40',
      keySkew: 'zipf',
      seed: '77',
      transactionalId: 'shop-1',
      transactionSize: '10',
      abortPercent: '2',
      lingerMs: '20',
      batchBytes: '16384',
    })
    const request = requestOf(written, 0)
    expect(request).toMatchObject({
      pace: { perSecond: 12.5, startAtMs: null, repeatEveryMs: 60_000 },
      keys: { count: 40, skew: 'zipf' },
      transaction: { transactionalId: 'shop-1', recordsPerTransaction: 10, abortPercent: 2 },
    })
    expect(fromRequest(request!)).toEqual(written)
  })

  it('goes on until it is stopped without a count', () => {
    expect(requestOf(form({ isEndless: true, count: '' }), 0)?.count).toBeNull()
    expect(checkForm(form({ isEndless: true, count: '' }), 3, 0).count).toBeNull()
  })

  it('of a record holds braces that stood in it as braces', () => {
    const bytes = new TextEncoder().encode('Dear {{name}}')
    const record = { topic: 'mail', partition: 0, keyBytes: null, valueBytes: bytes, headers: [] } as unknown as Parameters<
      typeof fromRecord
    >[0]
    expect(fromRecord(record).value).toEqual({ format: 'text', text: 'Dear {{open}}name}}' })
  })
})

describe('what is wrong in templates and numbers', () => {
  it('is told where it stands', () => {
    expect(payloadProblem({ format: 'text', text: 'a {{nonsense}}' })).toMatchObject({ column: 3 })
    expect(payloadProblem({ format: 'text', text: 'a {{uuid' })?.message).toContain('no }}')
    expect(payloadProblem({ format: 'int32', text: '2147483648' })?.message).toContain('2147483647')
    expect(payloadProblem({ format: 'int64', text: '9223372036854775807' })).toBeNull()
    expect(payloadProblem({ format: 'uuid', text: 'x' })).not.toBeNull()
    expect(payloadProblem({ format: 'int32', text: '{{index}}' })).toBeNull()
  })

  it('leaves sizes open', () => {
    expect([
      sizeOf({ format: 'int64', text: '1' }),
      sizeOf({ format: 'empty', text: '' }),
      sizeOf({ format: 'text', text: '{{uuid}}' }),
    ]).toEqual([8, 0, null])
  })

  it('is counted in the fields of the run as well', () => {
    const problems = checkForm(form({ rate: 'fast', seed: '', keyCount: '0', acks: 1, transactionalId: 'x' }), 3, 0)
    expect(problemCount(problems)).toBe(4)
  })
})
