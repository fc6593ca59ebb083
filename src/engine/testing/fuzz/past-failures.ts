/** What every test of fuzzing expects: that an input leaves nothing behind but a documented refusal. */
import { expect } from 'vitest'
import { type PastFailure, readCorpus } from './corpus'
import type { FuzzTarget } from './fuzz-target'
import { Fuzzer } from './fuzzer'

/** Runs the first inputs of a seed that never changes: a failure here is a change of ours, never bad luck. */
export async function expectNothingFound(target: FuzzTarget, inputs: number): Promise<void> {
  await target.prepare?.()
  const fuzzer = new Fuzzer(target, { seed: 1 })
  try {
    const finding = await fuzzer.run(0, inputs)
    expect(finding === null ? null : `${finding.kind}, input ${finding.index}: ${finding.message}\n${finding.inputHex}`).toBe(
      null,
    )
  } finally {
    fuzzer.close()
  }
}

/** Those of `targets`. */
export function pastFailuresOf(targets: readonly FuzzTarget[]): PastFailure[] {
  return readCorpus().filter(({ target }) => targets.some(({ name }) => name === target))
}

export async function expectMended(targets: readonly FuzzTarget[], failure: PastFailure): Promise<void> {
  const target = targets.find(({ name }) => name === failure.target)!
  await target.prepare?.()
  const fuzzer = new Fuzzer(target, { seed: 1 })
  try {
    expect((await fuzzer.runInput(failure.input))?.message ?? null, failure.note).toBe(null)
  } finally {
    fuzzer.close()
  }
}
