/** Finds the tool chains of foreign clients, and makes what can be made: virtual environments of Python in the cache folder. Installs nothing system-wide. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { complaintOf, findProgram } from './programs'
import type { SuiteContext } from './suite'

type Tools = Pick<SuiteContext, 'cacheDirectory' | 'run'>

export type Found<T> = ({ readonly isFound: true } & T) | { readonly isFound: false; readonly why: string }

/** Debian's own Python has Debian's packages; another one that comes first on the path has not. */
export const debianPython = '/usr/bin/python3'

const installTimeLimitMs = 180_000

/** A module of Debian's Python, with the version that an expression tells. */
export async function debianModule(
  tools: Tools,
  module: string,
  versionExpression: string,
  debianPackage: string,
): Promise<Found<{ readonly python: string; readonly version: string }>> {
  if (!existsSync(debianPython)) return { isFound: false, why: `there is no ${debianPython}` }
  const asked = await tools.run(debianPython, ['-c', `import ${module}; print(${versionExpression})`])
  return asked.code === 0
    ? { isFound: true, python: debianPython, version: asked.stdout.toString().trim() }
    : { isFound: false, why: `${debianPackage} is not installed (apt-get install ${debianPackage})` }
}

/**
 * A virtual environment with these packages, at these versions where they say so. Made once: it is taken as it is when it was made for the same
 * list, and made anew when not. Who is offline and has none is told so.
 */
export async function virtualEnvironment(
  tools: Tools,
  name: string,
  packages: readonly string[],
): Promise<Found<{ readonly python: string }>> {
  const directory = join(tools.cacheDirectory, `venv-${name}`)
  const python = join(directory, 'bin', 'python')
  const stamp = join(directory, 'made-for')
  const wanted = packages.join('\n')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { isFound: true, python }
  const base = [findProgram('python3'), debianPython].find((candidate) => candidate !== null && existsSync(candidate))
  if (!base) return { isFound: false, why: 'there is no python3' }
  mkdirSync(tools.cacheDirectory, { recursive: true })
  rmSync(directory, { recursive: true, force: true })
  const made = await tools.run(base, ['-m', 'venv', directory], { timeLimitMs: installTimeLimitMs })
  if (made.code !== 0) return { isFound: false, why: complaintOf('python3 -m venv', made) }
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', ...packages]
  const installed = await tools.run(python, install, { timeLimitMs: installTimeLimitMs })
  if (installed.code !== 0) {
    // Half an environment would be taken for a whole one.
    rmSync(directory, { recursive: true, force: true })
    return { isFound: false, why: complaintOf(`pip install ${packages.join(' ')}`, installed) }
  }
  writeFileSync(stamp, wanted)
  return { isFound: true, python }
}

/** A package of npm with all that it needs, in a folder of its own: what runs on another Node than ours has no place among our dependencies. */
export async function npmFolder(
  tools: Tools,
  name: string,
  packages: readonly string[],
): Promise<Found<{ readonly directory: string }>> {
  const directory = join(tools.cacheDirectory, `npm-${name}`)
  const stamp = join(directory, 'made-for')
  const wanted = packages.join('\n')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { isFound: true, directory }
  const npm = findProgram('npm')
  if (npm === null) return { isFound: false, why: 'there is no npm' }
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n')
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...packages]
  const installed = await tools.run(npm, args, { cwd: directory, timeLimitMs: installTimeLimitMs })
  if (installed.code !== 0 || readdirSync(directory).length < 2) {
    rmSync(directory, { recursive: true, force: true })
    return { isFound: false, why: complaintOf(`npm install ${packages.join(' ')}`, installed) }
  }
  writeFileSync(stamp, wanted)
  return { isFound: true, directory }
}
