/** The quick tier of fuzzing: a few thousand inputs of a fixed seed over all parsers of the engine, and every input that once broke one. */
import { describe, expect, it } from 'vitest'
import { formatPastFailure, parsePastFailure, readCorpus } from './corpus'
import { FuzzRandom } from './fuzz-random'
import { BrokenPromise, check, type FuzzTarget } from './fuzz-target'
import { Fuzzer } from './fuzzer'
import { minimize } from './minimize'
import { packParts, unpackParts } from './parts'
import { expectMended, expectNothingFound, pastFailuresOf } from './past-failures'
import { engineTargets } from './targets'

/** Cheap parsers get more. All together a few seconds. */
const quickInputs = (target: FuzzTarget): number => (target.share >= 10 ? 300 : target.share >= 4 ? 120 : 40)

describe('any bytes into', () => {
  it.each(engineTargets.map((target) => [target.name, target] as const))('%s', (_name, target) =>
    expectNothingFound(target, quickInputs(target)),
  )
})

describe('past failures stay mended', () => {
  it.each(pastFailuresOf(engineTargets).map((failure) => [failure.name, failure] as const))('%s', (_name, failure) =>
    expectMended(engineTargets, failure),
  )

  it('all have a target that there is, or are the app’s', () => {
    const names = new Set([...engineTargets.map(({ name }) => name), 'ipc/calls', 'cluster/workspace', 'workbench/payloads'])
    expect(readCorpus().filter(({ target }) => !names.has(target))).toEqual([])
  })
})

/** Breaks in one way for each first byte. */
function brittle(): FuzzTarget {
  return {
    name: 'testing/brittle',
    share: 1,
    minimum: 1,
    seed: (random) => random.bytes(8),
    run(input) {
      check(!input.includes('bad'), 'it takes anything but bad')
      if (input[0] === 0xee) void Promise.reject(new Error('nobody waits for this'))
      if (input[0] === 0xaa) Buffer.allocUnsafeSlow(500_000_000)
    },
  }
}

describe('the fuzzer', () => {
  const found = async (input: Buffer) => {
    const fuzzer = new Fuzzer(brittle(), { seed: 1 })
    try {
      return await fuzzer.runInput(input)
    } finally {
      fuzzer.close()
    }
  }

  it('finds a broken promise, an unhandled rejection and an allocation that the input does not warrant', async () => {
    expect(await found(Buffer.from('.bad.'))).toMatchObject({
      kind: 'error',
      signature: expect.stringContaining(BrokenPromise.name),
    })
    expect(await found(Buffer.from([0xee]))).toMatchObject({
      kind: 'unhandled',
      message: expect.stringContaining('nobody waits'),
    })
    expect(await found(Buffer.from([0xaa]))).toMatchObject({ kind: 'memory', message: expect.stringContaining('500000000') })
    expect(await found(Buffer.from('good'))).toBe(null)
  })

  it('blames the one input of a run that left a rejection behind', async () => {
    const target = { ...brittle(), mutate: (input: Uint8Array) => input }
    const fuzzer = new Fuzzer(target, { seed: 5 })
    const finding = await fuzzer.run(0, 20_000)
    const input = fuzzer.input(finding?.index ?? -1)
    fuzzer.close()
    expect(finding).not.toBe(null)
    expect([0xee, 0xaa]).toContain(input[0])
  })

  it('makes the same inputs of the same seed, and others of another', () => {
    const inputsOf = (seed: number) => {
      const fuzzer = new Fuzzer(engineTargets.find(({ name }) => name === 'jute/records')!, { seed })
      const inputs = Array.from({ length: 50 }, (_, index) => fuzzer.input(index).toString('hex'))
      fuzzer.close()
      return inputs
    }
    expect(inputsOf(1)).toEqual(inputsOf(1))
    expect(inputsOf(1)).not.toEqual(inputsOf(2))
  })

  it('cuts a failing input down to what makes it fail', async () => {
    const input = Buffer.concat([new FuzzRandom(1).bytes(300), Buffer.from('bad'), new FuzzRandom(2).bytes(300)])
    expect((await minimize(input, async (candidate) => candidate.includes('bad'))).toString()).toBe('bad')
  })

  it('unpacks any bytes, and what it packed as it was', () => {
    const parts = [Buffer.from('a'), Buffer.alloc(0), Buffer.from('bcd')]
    expect(unpackParts(packParts(parts))).toEqual(parts)
    expect(unpackParts(Buffer.from([0xff, 0xff, 0xff, 0xff, 1]))).toEqual([Buffer.from([0xff, 0xff, 0xff, 0xff, 1])])
  })

  it('keeps a past failure as a text that gives it back', () => {
    const failure = { target: 'jute/records', note: 'What was wrong.', input: new FuzzRandom(1).bytes(200) }
    expect(parsePastFailure('x.hex', formatPastFailure(failure))).toEqual({ name: 'x', ...failure })
    expect(() => parsePastFailure('x.hex', '00')).toThrow('names no target')
    expect(() => parsePastFailure('x.hex', '# target: a\nzz')).toThrow('no hex')
  })
})
