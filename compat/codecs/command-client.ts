/**
 * A client of the codec matrix that is a program with this command line, in whatever language:
 *
 *   PROGRAM write --bootstrap H:P,H:P --topic T --codec none|gzip|snappy|lz4|zstd --count N
 *   PROGRAM read  --bootstrap H:P,H:P --topic T --count N
 *
 * `write` takes the records from standard input and `read` prints them, one JSON line a record: {"key":…,"value":…,"headers":[[name,value],…]},
 * bytes in base64 and null for null. Both use partition 0; `write` with acks=all, in batches of many (linger 50 ms or more), since a batch of one
 * compresses nothing. Exit code 0, or another with the reason on standard error.
 */
import { complaintOf } from '../run/programs'
import type { Codec, CodecClient, CodecRecord, SuiteContext } from '../run/suite'

type Tools = Parameters<CodecClient['prepare']>[0]
export type Command = { readonly version: string; readonly command: readonly string[] } | { readonly skipped: string }

export interface CommandClientOptions {
  readonly name: string
  readonly writes: readonly Codec[]
  readonly reads: readonly Codec[]
  /** Finds or builds the program. Asked once. */
  find(tools: Tools): Promise<Command>
}

export function commandCodecClient({ name, writes, reads, find }: CommandClientOptions): CodecClient {
  let command: readonly string[] = []
  const run = async (context: SuiteContext, args: readonly string[], input = ''): Promise<string> => {
    const [program = '', ...first] = command
    const result = await context.run(program, [...first, ...args], { input })
    if (result.code !== 0) throw new Error(complaintOf(`${name} ${args[0]}`, result))
    return result.stdout.toString()
  }
  return {
    name,
    writes,
    reads,
    async prepare(tools) {
      const found = await find(tools)
      if ('skipped' in found) return found
      command = found.command
      return { version: found.version }
    },
    async write(context, bootstrap, topic, codec, records) {
      const input = records.map((record) => `${JSON.stringify(record)}\n`).join('')
      const count = String(records.length)
      await run(context, ['write', '--bootstrap', bootstrap, '--topic', topic, '--codec', codec, '--count', count], input)
    },
    async read(context, bootstrap, topic, count) {
      const output = await run(context, ['read', '--bootstrap', bootstrap, '--topic', topic, '--count', String(count)])
      return output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as CodecRecord)
    },
  }
}
