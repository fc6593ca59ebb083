/**
 * The clients that exactly-once.ts asks, each a program with the same three verbs: feed, chain, verify. Both say the same in the same words, so that
 * one experiment fits all.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { javaClassPath } from '../administration/java-class-path'
import { confluentKafka } from './clients'

export interface ChainJudge {
  readonly name: string
  /** null, or why it cannot run on this machine. Prepares what there is to prepare. */
  unavailable(): string | null
  /** The program and the arguments that come before the verb. Asked after `unavailable` has said null. */
  command(): readonly [program: string, ...args: string[]]
}

const librdkafka: ChainJudge = {
  name: 'librdkafka',
  unavailable: () => confluentKafka.unavailable(),
  command: () => ['/usr/bin/python3', join(__dirname, 'confluent_exactly_once.py')],
}

class Java implements ChainJudge {
  readonly name = 'java'
  private classPath = ''

  unavailable(): string | null {
    if (spawnSync('javac', ['-version'], { stdio: 'ignore' }).status !== 0) return 'javac is not installed'
    const libraries = javaClassPath()
    if (!libraries.ok) return libraries.error
    // Compiled once: five virtual machines are started, and each would compile it for itself.
    const directory = join(__dirname, '../../node_modules/.cache/compat/exactly-once-java')
    const source = join(__dirname, 'ExactlyOnce.java')
    const compiled = join(directory, 'ExactlyOnce.class')
    mkdirSync(directory, { recursive: true })
    if (!existsSync(compiled) || statSync(compiled).mtimeMs < statSync(source).mtimeMs) {
      const { status, stderr } = spawnSync('javac', ['-cp', libraries.value, '-d', directory, source], { encoding: 'utf8' })
      if (status !== 0) return `javac cannot compile its program: ${stderr}`
    }
    this.classPath = `${directory}:${libraries.value}`
    return null
  }

  command(): readonly [string, ...string[]] {
    // A small heap and the quick compiler: there are three of them beside a cluster.
    return ['java', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', this.classPath, 'ExactlyOnce']
  }
}

export const chainJudges: readonly ChainJudge[] = [librdkafka, new Java()]
