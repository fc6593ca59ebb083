/**
 * Java's clients as Maven gives them, and our programs compiled against them. What was fetched and compiled once is taken again; Maven is asked only
 * when a jar is missing, and asked first for what it has.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { complaintOf, findProgram } from '../run/programs'
import type { SuiteContext } from '../run/suite'
import type { Found } from '../run/toolchains'

type Tools = Pick<SuiteContext, 'cacheDirectory' | 'run'>

export const currentVersion = '4.3.1'
export const oldVersion = '2.8.2'

export interface Wanted {
  readonly version: string
  /** The console tools and Kafka Streams, too. */
  readonly hasTools: boolean
  /** Folders beside this file; the first has what the others build upon. */
  readonly sources: readonly string[]
}

export type Java = Found<{ readonly classPath: string }>

const fetchTimeLimitMs = 400_000
const compileTimeLimitMs = 240_000
const pom = join(__dirname, 'pom.xml')
const underWay = new Map<string, Promise<Java>>()

/** Several suites of a run want the same: it is made once. */
export function java(tools: Tools, wanted: Wanted): Promise<Java> {
  const key = JSON.stringify(wanted)
  const found = underWay.get(key) ?? make(tools, wanted)
  underWay.set(key, found)
  return found
}

async function make(tools: Tools, wanted: Wanted): Promise<Java> {
  for (const program of ['java', 'javac', 'mvn']) {
    if (findProgram(program) === null) return { isFound: false, why: `${program} is not installed` }
  }
  const directory = join(tools.cacheDirectory, `java-${wanted.version}${wanted.hasTools ? '-tools' : ''}`)
  mkdirSync(directory, { recursive: true })
  const jars = await jarsOf(tools, wanted, directory)
  if (!jars.isFound) return jars
  return wanted.sources.length === 0 ? jars : compiled(tools, wanted, directory, jars.classPath)
}

async function jarsOf(tools: Tools, { version, hasTools }: Wanted, directory: string): Promise<Java> {
  const file = join(directory, `class-path-${hashOf(readFileSync(pom, 'utf8'))}`)
  if (!existsSync(file) || !classPathIn(file).split(delimiter).every(existsSync)) {
    const goal = ['-q', '-B', '-f', pom, `-Dkafka.version=${version}`, `-Dmdep.outputFile=${file}`]
    const args = [...goal, ...(hasTools ? ['-Ptools'] : []), 'dependency:build-classpath']
    const offline = await tools.run('mvn', ['-o', ...args], { timeLimitMs: fetchTimeLimitMs })
    const fetched = offline.code === 0 ? offline : await tools.run('mvn', args, { timeLimitMs: fetchTimeLimitMs })
    if (fetched.code !== 0) return { isFound: false, why: complaintOf(`Maven's search for Kafka ${version}`, fetched) }
  }
  return { isFound: true, classPath: classPathIn(file) }
}

function classPathIn(file: string): string {
  return readFileSync(file, 'utf8').trim()
}

async function compiled(tools: Tools, { sources }: Wanted, directory: string, jars: string): Promise<Java> {
  const files = sources.flatMap((folder) =>
    readdirSync(join(__dirname, folder))
      .filter((name) => name.endsWith('.java'))
      .map((name) => join(__dirname, folder, name)),
  )
  const classes = join(directory, `classes-${hashOf(files.map((file) => readFileSync(file, 'utf8')).join('\0') + jars)}`)
  const classPath = [classes, jars].join(delimiter)
  const stamp = join(classes, 'complete')
  if (existsSync(stamp)) return { isFound: true, classPath }
  rmSync(classes, { recursive: true, force: true })
  const args = ['-nowarn', '-encoding', 'UTF-8', '-d', classes, '-cp', jars, ...files]
  const made = await tools.run('javac', args, { timeLimitMs: compileTimeLimitMs })
  if (made.code !== 0) throw new Error(complaintOf('javac', made))
  writeFileSync(stamp, '')
  return { isFound: true, classPath }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Short programs on a busy machine: they start quicker so. */
export function javaArguments(classPath: string, main: string, ...args: readonly string[]): string[] {
  return ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m', '-cp', classPath, main, ...args]
}
