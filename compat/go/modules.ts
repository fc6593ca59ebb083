/**
 * Programs in Go: ours, built against the modules that their go.mod names, and a module's own tests. Go fetches what it has not, and builds again
 * only what has changed; where it cannot, the suite is skipped with what Go says.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { complaintOf, findProgram } from '../run/programs'
import type { SuiteContext } from '../run/suite'
import type { Found } from '../run/toolchains'

type Tools = Pick<SuiteContext, 'cacheDirectory' | 'run'>

export interface Client {
  /** The folder beside this file. */
  readonly folder: string
  /** Whose version is the client's. */
  readonly module: string
}

export const franz: Client = { folder: 'franz', module: 'github.com/twmb/franz-go' }
export const sarama: Client = { folder: 'sarama', module: 'github.com/IBM/sarama' }

type Program = Found<{ readonly program: string; readonly version: string }>

/** Another compiler than ours may be asked for by a module; Go would fetch it, which is more than a test should do. */
const env = { GOTOOLCHAIN: 'local', GOFLAGS: '' }
const buildTimeLimitMs = 500_000
const underWay = new Map<string, Promise<Program>>()

/** Our program of the folder, built. */
export function goProgram(tools: Tools, client: Client): Promise<Program> {
  return once(`program ${client.folder}`, async () => {
    const version = await versionOf(tools, client)
    if (!version.isFound) return version
    const program = join(tools.cacheDirectory, `go-${client.folder}`)
    const built = await go(tools, ['build', '-mod=readonly', '-o', program, '.'], join(__dirname, client.folder))
    return built === '' ? { isFound: true, program, version: version.version } : { isFound: false, why: built }
  })
}

/** The tests of one of the client's packages, as its authors wrote them: they come with the module. */
export function goTests(tools: Tools, client: Client, packagePath: string): Promise<Program> {
  return once(`tests ${packagePath}`, async () => {
    const version = await versionOf(tools, client)
    if (!version.isFound) return version
    const program = join(tools.cacheDirectory, `go-${client.folder}-tests-${version.version}`)
    // In the module's own folder, so that its own go.mod counts; nothing is written there.
    const directory = await tools.run('go', ['list', '-m', '-f', '{{.Dir}}', client.module], {
      cwd: join(__dirname, client.folder),
      env,
    })
    const built = await go(tools, ['test', '-c', '-mod=readonly', '-o', program, packagePath], directory.stdout.toString().trim())
    return built === '' ? { isFound: true, program, version: version.version } : { isFound: false, why: built }
  })
}

function once(key: string, make: () => Promise<Program>): Promise<Program> {
  const found = underWay.get(key) ?? make()
  underWay.set(key, found)
  return found
}

async function versionOf(tools: Tools, client: Client): Promise<Found<{ readonly version: string }>> {
  if (findProgram('go') === null) return { isFound: false, why: 'go is not installed' }
  mkdirSync(tools.cacheDirectory, { recursive: true })
  const cwd = join(__dirname, client.folder)
  const fetched = await go(tools, ['mod', 'download'], cwd)
  if (fetched !== '') return { isFound: false, why: fetched }
  const listed = await tools.run('go', ['list', '-m', '-f', '{{.Version}}', client.module], { cwd, env })
  const complaint = complaintOf('go list', listed)
  return complaint === '' ? { isFound: true, version: listed.stdout.toString().trim() } : { isFound: false, why: complaint }
}

async function go(tools: Tools, args: readonly string[], cwd: string): Promise<string> {
  const result = await tools.run('go', args, { cwd, env, timeLimitMs: buildTimeLimitMs })
  return complaintOf(`go ${args[0]}`, result)
}
