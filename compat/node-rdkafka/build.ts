/**
 * Gets node-rdkafka with its specs from npm, and builds its addon against the librdkafka that compat/librdkafka has built: one build of the library
 * serves both, and node-rdkafka is judged with the newest one. Made once, into the cache folder.
 */
import { existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildTestRunner, type Tools } from '../librdkafka/build'
import { complaintOf, findProgram } from '../run/programs'
import { npmFolder } from '../run/toolchains'

const packages = ['node-rdkafka@3.6.1', 'mocha@11.8.0'] as const
export const nodeRdkafkaVersion = '3.6.1'
const buildLimitMs = 20 * 60_000

export type NodeRdkafka =
  | {
      readonly isFound: true
      /** Of the package, with e2e/ in it. */
      readonly directory: string
      readonly mocha: string
      /** For LD_LIBRARY_PATH: the addon is linked against shared libraries that no loader knows. */
      readonly libraries: string
    }
  | { readonly isFound: false; readonly why: string }

export async function buildNodeRdkafka(tools: Tools): Promise<NodeRdkafka> {
  const installed = await npmFolder(tools, 'node-rdkafka', packages)
  if (!installed.isFound) return installed
  const runner = await buildTestRunner(tools)
  if (!runner.isFound) return runner
  const modules = join(installed.directory, 'node_modules')
  const directory = join(modules, 'node-rdkafka')
  const source = realpathSync(runner.librdkafka)
  const places = [join(source, 'src'), join(source, 'src-cpp')].join(':')
  const found = { isFound: true, directory, mocha: join(modules, 'mocha', 'bin', 'mocha.js'), libraries: places } as const
  const stamp = join(directory, `built-for-${process.version}`)
  if (existsSync(stamp)) return found
  const nodeGyp = findNodeGyp()
  if (nodeGyp === null) return { isFound: false, why: 'there is no node-gyp beside npm' }
  const headers = findNodeHeaders()
  if (headers === null) return { isFound: false, why: `the headers of Node ${process.version} are not installed` }
  const env = { BUILD_LIBRDKAFKA: '0', CPLUS_INCLUDE_PATH: places, LIBRARY_PATH: places }
  const args = [process.execPath, nodeGyp, 'rebuild', `--nodedir=${headers}`, '-j', '2']
  const built = await tools.run('nice', args, { cwd: directory, env, timeLimitMs: buildLimitMs })
  if (built.code !== 0) return { isFound: false, why: complaintOf('node-gyp rebuild', built) }
  writeFileSync(stamp, '')
  return found
}

/** The one that npm brings along. */
function findNodeGyp(): string | null {
  const npm = findProgram('npm')
  const besides = npm === null ? [] : [join(dirname(realpathSync(npm)), '..')]
  const candidates = besides.map((npmRoot) => join(npmRoot, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'))
  return candidates.find((file) => existsSync(file)) ?? null
}

/** Where Node was installed to, if the headers came with it: node-gyp would fetch them otherwise, from a place that npm's settings do not name. */
function findNodeHeaders(): string | null {
  const prefix = join(dirname(realpathSync(process.execPath)), '..')
  const headers = join(prefix, 'include', 'node')
  return existsSync(headers) && readdirSync(headers).includes('node_api.h') ? prefix : null
}
