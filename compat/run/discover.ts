/** Finds the suites: every compat/<folder>/suite.ts, but for run/, where that file says what a suite is. A new client is a new folder, and no list is to be kept. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SuiteModule } from './suite'

const compat = join(__dirname, '..')

export async function discoverSuites(directory: string = compat): Promise<readonly SuiteModule[]> {
  const files = readdirSync(directory)
    .filter((folder) => folder !== 'run')
    .sort()
    .map((folder) => join(directory, folder, 'suite.ts'))
    .filter((file) => existsSync(file))
  return Promise.all(files.map(async (file) => (await import(pathToFileURL(file).href)) as SuiteModule))
}
