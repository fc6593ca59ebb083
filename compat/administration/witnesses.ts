/**
 * Other people's tools that tell what they were told of a cluster: who leads each partition, where its replicas are, and which are in sync. Asked by
 * agreement.ts and by the window's own tests, which compare.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { javaClassPath } from './java-class-path'

/** One line a partition: `topic-0 leader 1 replicas 1,2,3 isr 1,2,3`. Replicas in their order, which says whom the leader should be. */
export type Picture = readonly string[]

export interface Witness {
  readonly name: string
  ask(bootstrap: string): Promise<Picture>
}

const commandTimeoutMs = 120_000

export function lineOf(
  topic: string,
  partition: number,
  leader: number | null,
  replicas: readonly number[],
  isr: readonly number[],
): string {
  const inSync = [...isr].sort((a, b) => a - b)
  return `${topic}-${partition} leader ${leader ?? 'none'} replicas ${replicas.join(',')} isr ${inSync.join(',')}`
}

/** Not spawnSync: the host of the cluster lives in this thread, and must go on hearing from its brokers. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: commandTimeoutMs })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors.trim() || output.trim()}`)
  return output
}

const kcat: Witness = {
  name: 'kcat -L',
  async ask(bootstrap) {
    interface Node {
      readonly id: number
    }
    interface Told {
      readonly topics: readonly {
        readonly topic: string
        readonly partitions: readonly { partition: number; leader: number; replicas: Node[]; isrs: Node[] }[]
      }[]
    }
    const { topics } = JSON.parse(await run('kcat', ['-L', '-J', '-b', bootstrap])) as Told
    const lines = topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, leader, replicas, isrs }) =>
        lineOf(topic, partition, leader === -1 ? null : leader, replicas.map(idOf), isrs.map(idOf)),
      ),
    )
    return lines.sort()
  },
}

function idOf({ id }: { readonly id: number }): number {
  return id
}

function javaTool(classPath: string): Witness {
  const numbers = (text: string | undefined) => (text ?? '').split(',').filter(Boolean).map(Number)
  return {
    name: 'Java’s kafka-topics --describe',
    async ask(bootstrap) {
      const tool = ['-XX:TieredStopAtLevel=1', '-cp', classPath, 'org.apache.kafka.tools.TopicCommand']
      const output = await run('java', [...tool, '--bootstrap-server', bootstrap, '--describe'])
      const lines: string[] = []
      for (const line of output.split('\n')) {
        const told = /Topic: (\S+)\s+Partition: (\d+)\s+Leader: (\S+)\s+Replicas: (\S*)\s+Isr: ([\d,]*)/.exec(line)
        if (told === null) continue
        const leader = told[3] === 'none' ? null : Number(told[3])
        lines.push(lineOf(told[1] ?? '', Number(told[2]), leader, numbers(told[4]), numbers(told[5])))
      }
      return lines.sort()
    },
  }
}

/** Those that this machine has, and why it has not the others. */
export function findWitnesses(): { readonly witnesses: readonly Witness[]; readonly missing: readonly string[] } {
  const witnesses: Witness[] = []
  const missing: string[] = []
  if (spawnSync('kcat', ['-V']).status === 0) witnesses.push(kcat)
  else missing.push('kcat: it is not installed (apt-get install kcat)')
  const classPath = javaClassPath('tools-pom.xml')
  if (classPath.ok) witnesses.push(javaTool(classPath.value))
  else missing.push(`Java’s kafka-topics: ${classPath.error}`)
  return { witnesses, missing }
}
