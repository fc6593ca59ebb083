/** Finds the suites: every compat/<folder>/suite.ts, but for run/, where that file says what a suite is. A new client is a new folder, and no list is to be kept. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SuiteModule } from './suite'

const compat = join(__dirname, '..')

export async function discoverSuites(directory: string = compat): Promise<readonly SuiteModule[]> {
  const folders = readdirSync(directory)
    .filter((folder) => folder !== 'run' && existsSync(join(directory, folder, 'suite.ts')))
    .sort()
  return Promise.all(folders.map((folder) => load(folder, join(directory, folder, 'suite.ts'))))
}

/** A suite that cannot be loaded is a suite that fails; it does not take the others with it. */
async function load(folder: string, file: string): Promise<SuiteModule> {
  try {
    return (await import(pathToFileURL(file).href)) as SuiteModule
  } catch (error) {
    const prepare = () => Promise.reject(error)
    return { suites: [{ name: folder, prepare, run: prepare }] }
  }
}
