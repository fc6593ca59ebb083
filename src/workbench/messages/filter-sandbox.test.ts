import { afterEach, describe, expect, it } from 'vitest'
import { FilterSandbox, type SandboxRecord } from './filter-sandbox'

const record = (change: Partial<SandboxRecord> = {}): SandboxRecord => ({
  topic: 'orders',
  partition: 0,
  offset: 5,
  timestamp: '1700000000000',
  key: 'k',
  value: '{"id":7205759403792793601,"status":"PAID","total":12.5}',
  headers: [['retry', '1']],
  texts: [],
  ...change,
})
let sandbox: FilterSandbox | null = null
afterEach(() => sandbox?.close())

function open(script: string | null, timeoutMs = 400, patterns: { source: string; flags: string }[] = []): FilterSandbox {
  sandbox = new FilterSandbox({ script, patterns, timeoutMs })
  return sandbox
}

describe('the sandbox of filters', () => {
  it('gives a script the record, with 64-bit integers whole', async () => {
    const script = 'return value.id === 7205759403792793601n && value.total > 12 && headers[0].value === "1" && key === "k"'
    expect((await open(script).run([record(), record({ value: '{"id":7205759403792793600}' })])).kept).toEqual([0])
  })

  it('counts records that it throws on and goes on', async () => {
    const answer = await open('return value.lines.length > 0').run([
      record(),
      record({ value: '{"lines":[1]}' }),
      record({ value: null }),
    ])
    expect(answer).toMatchObject({ kept: [1], thrown: 2, firstAt: 0 })
    expect(answer.firstError).toContain('TypeError')
  })

  it('has no way out of its context', async () => {
    const probes = [
      'typeof process',
      'typeof require',
      'typeof globalThis.constructor.constructor',
      '(() => { try { return globalThis.constructor.constructor("return typeof process")() } catch (error) { return error.name } })()',
      '(() => { try { return value.constructor.constructor("return process")().pid } catch (error) { return error.name } })()',
      '(() => { try { return run.constructor("return 1")() } catch (error) { return error.name } })()',
    ]
    const { answer } = await open(`return [${probes.join(',')}]`).run([record()])
    expect(JSON.parse(answer)).toEqual(['undefined', 'undefined', 'function', 'EvalError', 'EvalError', 'EvalError'])
  })

  it.each(["import('x')", "import /* a */ ('x')", "import <!-- a\n('x')", "import\n--> a\n('x')", "[import('x')]"])(
    'refuses %j, whose promise is of the realm outside',
    async (code) => {
      await expect(open(`return ${code}.constructor.constructor('return process')()`).run([record()])).rejects.toThrow(
        'A script cannot import',
      )
    },
  )

  it('lets a script speak of imports', async () => {
    const script = 'const important = (it) => it; return important(value.status) !== "import" && key !== "re-import"'
    expect((await open(script).run([record()])).kept).toEqual([0])
  })

  it('hands out no frames of a stack', async () => {
    const read =
      'const made = new Error().stack; return Array.isArray(made) ? made.map((frame) => String(frame.getFunction())) : typeof made'
    const ways = [
      'Error.prepareStackTrace = (error, frames) => frames',
      'globalThis.Error = class extends Error { static prepareStackTrace(error, frames) { return frames } }',
      'Object.defineProperty(globalThis, "Error", { value: { prepareStackTrace: (error, frames) => frames } })',
      'delete globalThis.Error; Error.stackTraceLimit = 10',
    ]
    for (const way of ways) {
      const { answer } = await open(`try { ${way} } catch {} ${read}`).run([record()])
      expect(answer).not.toContain('[')
      sandbox?.close()
    }
    const own = 'try { null.x } catch (error) { return Object.getOwnPropertyDescriptor(Error, "prepareStackTrace").configurable }'
    expect((await open(own).run([record()])).answer).toBe('false')
  })

  it('has nothing that takes memory outside of the heap', async () => {
    const names =
      '["ArrayBuffer", "SharedArrayBuffer", "Uint8Array", "Float64Array", "DataView", "WebAssembly", "Atomics", "Array"]'
    const { answer } = await open(`return ${names}.filter((name) => name in globalThis)`).run([record()])
    expect(answer).toBe('["Array"]')
  })

  it('ends a script that does not end, and says at which record', async () => {
    const endless = open('while (offset === 7) {} return true', 150)
    await expect(endless.run([record(), record({ offset: 7 })])).rejects.toThrow(
      'It took more than 150 ms at orders-0 @ 7 and was ended.',
    )
    await expect(endless.run([record()])).rejects.toThrow('was ended')
  })

  it('ends one that goes on in promises', async () => {
    await expect(
      open('const again = () => Promise.resolve().then(again); again(); return true', 150).run([record()]),
    ).rejects.toThrow('was ended')
  })

  it('ends a pattern that backtracks for ever', async () => {
    const patterns = [{ source: '^(a+)+$', flags: 'u' }]
    await expect(open(null, 150, patterns).run([record({ texts: [[`${'a'.repeat(40)}!`]] })])).rejects.toThrow('was ended')
  })

  it('says what is wrong with a script that is none', async () => {
    await expect(open('return (').run([record()])).rejects.toThrow('Unexpected end of input')
    await expect(open('return 1 }); while (true) {} ({').run([record()])).rejects.toThrow('Unexpected token')
  })

  it('ends one that fills the memory', async () => {
    await expect(open('const all = []; for (;;) all.push(new Array(1e6).fill(offset))', 5_000).run([record()])).rejects.toThrow(
      /memory|128 MB|ended/,
    )
  })
})
