/**
 * `npm run fuzz -- [--inputs N] [--minutes M] [--target name] [--seed S] [--jobs J]`: any bytes into every parser, until so many inputs have run. Says
 * how many each target got. Exit code 1 where something was found; each finding lies in a file, made small, with the line that replays it and the
 * line that keeps it among the past failures:
 *
 *     npm run fuzz -- --replay <file>
 *     npm run fuzz -- --keep <file> --as what-was-wrong --note "What was wrong, in a sentence."
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { corpusDirectory, formatPastFailure, parsePastFailure } from '../../src/engine/testing/fuzz/corpus'
import type { Finding } from '../../src/engine/testing/fuzz/fuzz-target'
import { Fuzzer } from '../../src/engine/testing/fuzz/fuzzer'
import { root } from '../lib/steps'
import { runAll, type TargetTotals } from './run'
import { allTargets } from './targets'

const findingsDirectory = join(root, 'node_modules', '.cache', 'fuzz')

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    minutes: { type: 'string' },
    target: { type: 'string' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    replay: { type: 'string' },
    keep: { type: 'string' },
    as: { type: 'string' },
    note: { type: 'string' },
  },
})

async function main(): Promise<number> {
  if (values.replay !== undefined) return replay(values.replay)
  if (values.keep !== undefined) return keep(values.keep, values.as ?? 'unnamed', values.note ?? '')
  return fuzz()
}

async function fuzz(): Promise<number> {
  const { target: wanted } = values
  const targets = wanted === undefined ? allTargets : allTargets.filter(({ name }) => name.includes(wanted))
  if (targets.length === 0) {
    console.error(`There is no target "${wanted}". There are: ${allTargets.map(({ name }) => name).join(', ')}.`)
    return 2
  }
  const seed = values.seed === undefined ? (Date.now() & 0x7fffffff) >>> 0 : Number(values.seed)
  const signatures = new Set<string>()
  const startedMs = performance.now()
  let saidMs = startedMs
  console.log(`seed ${seed}, ${targets.length} targets`)
  const totals = await runAll({
    ...{ seed, targets, inputs: Number(values.inputs), jobs: Number(values.jobs) },
    minutes: values.minutes === undefined ? null : Number(values.minutes),
    onFinding(finding) {
      const isNew = !signatures.has(`${finding.target} ${finding.signature}`)
      signatures.add(`${finding.target} ${finding.signature}`)
      if (isNew) report(finding)
    },
    onProgress(done, total) {
      if (performance.now() - saidMs < 15_000) return
      saidMs = performance.now()
      const rate = Math.round((done * 1000) / (saidMs - startedMs))
      console.log(`${done} of ${total} inputs, ${rate} a second, ${signatures.size} findings`)
    },
  })
  printTotals(totals, (performance.now() - startedMs) / 1000, signatures.size)
  return signatures.size === 0 ? 0 : 1
}

function report(finding: Finding): void {
  const { target, seed, index, kind, message, inputHex } = finding
  const input = Buffer.from(inputHex, 'hex')
  const name = `${target.replaceAll('/', '-')}-${createHash('sha256').update(input).digest('hex').slice(0, 10)}.hex`
  mkdirSync(findingsDirectory, { recursive: true })
  const file = join(findingsDirectory, name)
  writeFileSync(file, formatPastFailure({ target, note: `${kind}: ${message.split('\n')[0] ?? ''}`, input }))
  const shown = relative(root, file)
  console.log(`\nFOUND in ${target}: ${kind}, input ${index} of seed ${seed}, made as small as ${input.length} bytes`)
  console.log(message)
  console.log(`  ${inputHex.length > 400 ? `${inputHex.slice(0, 400)}…` : inputHex}`)
  console.log(`  replay: npm run fuzz -- --replay ${shown}`)
  console.log(`  keep:   npm run fuzz -- --keep ${shown} --as what-was-wrong --note "…"\n`)
}

function printTotals(totals: ReadonlyMap<string, TargetTotals>, seconds: number, findings: number): void {
  let inputs = 0
  for (const [name, sums] of totals) {
    inputs += sums.inputs
    const rate = sums.ms === 0 ? 0 : Math.round((sums.inputs * 1000) / sums.ms)
    console.log(
      `${name.padEnd(32)} ${String(sums.inputs).padStart(9)} inputs ${String(rate).padStart(7)}/s ${sums.findings} findings`,
    )
  }
  console.log(`${inputs} inputs in ${seconds.toFixed(0)} s, ${findings} different findings`)
}

async function replay(file: string): Promise<number> {
  const { target: name, input } = parsePastFailure(file, readFileSync(file, 'utf8'))
  const target = allTargets.find((candidate) => candidate.name === name)
  if (target === undefined) throw new Error(`There is no target ${name}`)
  await target.prepare?.()
  const fuzzer = new Fuzzer(target, { seed: 0 })
  const finding = await fuzzer.runInput(input)
  fuzzer.close()
  console.log(finding === null ? 'It passes.' : `${finding.kind}: ${finding.message}`)
  return finding === null ? 0 : 1
}

function keep(file: string, name: string, note: string): number {
  const { target, input, note: found } = parsePastFailure(file, readFileSync(file, 'utf8'))
  const kept = join(corpusDirectory, `${name}.hex`)
  writeFileSync(kept, formatPastFailure({ target, note: note === '' ? found : note, input }))
  console.log(`Kept as ${relative(root, kept)}: npm test runs it from now on.`)
  return 0
}

void main().then((code) => {
  process.exitCode = code
})
