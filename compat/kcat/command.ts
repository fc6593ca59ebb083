/** kcat's command line: what is written to it, and how what it prints is taken apart again, byte by byte. Used by its suite and by the codec matrix. */
import { complaintOf, type ProgramResult } from '../run/programs'
import type { CodecRecord, SuiteContext } from '../run/suite'

const messageEnd = '<|message|>'
const keyEnd = '<|key|>'
/** The lengths of key and value, -1 for null, and the headers in a line; then the bytes themselves. */
const readFormat = '%K %S %o %p %T %h\\n%k%s\\n'

export interface KcatMessage {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offset: number
  readonly partition: number
  readonly timestamp: number
  readonly headers: readonly (readonly [string, string])[]
}

export class Kcat {
  constructor(
    private readonly context: SuiteContext,
    private readonly bootstrap: string,
  ) {}

  /** Its result as it is, also where it fails. */
  run(args: readonly string[], input: string | Uint8Array = ''): Promise<ProgramResult> {
    return this.context.run('kcat', ['-b', this.bootstrap, ...args], { input, timeLimitMs: 60_000 })
  }

  async output(args: readonly string[], input: string | Uint8Array = ''): Promise<string> {
    const result = await this.run(args, input)
    if (result.code !== 0) throw new Error(complaintOf('kcat', result))
    return result.stdout.toString()
  }

  /** Records with the same headers and the same way with emptiness go in one run: it takes both for the whole of it. */
  async produce(topic: string, records: readonly CodecRecord[], settings: readonly string[] = []): Promise<void> {
    for (const run of runsOf(records)) {
      const first = run[0]!
      const headers = first.headers.flatMap(([name, value]) => ['-H', `${name}=${Buffer.from(value ?? '', 'base64').toString()}`])
      const asNull = hasNull(first) ? ['-Z'] : []
      const parts = run.flatMap(({ key, value }) => [
        ...(key === null ? [] : [Buffer.from(key, 'base64'), Buffer.from(keyEnd)]),
        Buffer.from(value ?? '', 'base64'),
        Buffer.from(messageEnd),
      ])
      const args = ['-P', '-t', topic, '-p', '0', '-D', messageEnd, '-K', keyEnd, ...headers, ...asNull, ...optionsOf(settings)]
      await this.output(args, Buffer.concat(parts))
    }
  }

  /** From the beginning, or from wherever `where` says, to the end or so many. */
  async read(
    topic: string,
    where: readonly string[] = ['-o', 'beginning'],
    settings: readonly string[] = [],
  ): Promise<KcatMessage[]> {
    const result = await this.run(['-C', '-q', '-e', '-t', topic, ...where, '-f', readFormat, ...optionsOf(settings)])
    if (result.code !== 0) throw new Error(complaintOf('kcat', result))
    return messagesOf(result.stdout)
  }
}

const optionsOf = (settings: readonly string[]) => settings.flatMap((setting) => ['-X', setting])
const hasNull = ({ value }: CodecRecord) => value === null

function runsOf(records: readonly CodecRecord[]): CodecRecord[][] {
  const runs: CodecRecord[][] = []
  const likeness = (record: CodecRecord) => `${hasNull(record)} ${JSON.stringify(record.headers)}`
  for (const record of records) {
    const last = runs.at(-1)
    if (last !== undefined && likeness(last[0]!) === likeness(record)) last.push(record)
    else runs.push([record])
  }
  return runs
}

/** Takes apart what was printed by readFormat. */
export function messagesOf(output: Buffer): KcatMessage[] {
  const messages: KcatMessage[] = []
  for (let at = 0; at < output.length; ) {
    const lineEnd = output.indexOf(10, at)
    const [keyLength = 0, valueLength = 0, offset = 0, partition = 0, timestamp = 0] = output
      .toString('latin1', at, lineEnd)
      .split(' ', 5)
      .map(Number)
    const headerText = output.toString('utf8', at, lineEnd).split(' ').slice(5).join(' ')
    const headers = headerText === '' ? [] : headerText.split(',').map((pair) => splitAt(pair, pair.indexOf('=')))
    const keyStart = lineEnd + 1
    const valueStart = keyStart + Math.max(0, keyLength)
    const end = valueStart + Math.max(0, valueLength)
    const key = keyLength < 0 ? null : output.subarray(keyStart, valueStart)
    const value = valueLength < 0 ? null : output.subarray(valueStart, end)
    messages.push({ key, value, offset, partition, timestamp, headers })
    at = end + 1
  }
  return messages
}

const splitAt = (pair: string, at: number): readonly [string, string] => [pair.slice(0, at), pair.slice(at + 1)]
