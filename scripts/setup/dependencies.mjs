/**
 * npm dependencies: installs them with `npm ci` when what lies in node_modules is not what package-lock.json asks for. The two lock
 * files are compared by content, not by date: a checkout touches dates, and an `npm ci` that is not needed costs ten seconds and
 * pulls the floor from under everything else that runs in the same checkout.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { runNpm, SetupError, say } from './terminal.mjs'

/**
 * @param {{ packages?: Record<string, { version?: string, optional?: boolean }> }} wanted package-lock.json
 * @param {{ packages?: Record<string, { version?: string }> } | null} installed node_modules/.package-lock.json, which npm writes last
 * @returns {string | null} the first package that is missing or has another version
 */
export function firstDifference(wanted, installed) {
  for (const [path, entry] of Object.entries(wanted.packages ?? {})) {
    if (path === '') {
      continue
    }
    const found = installed?.packages?.[path]
    if (found === undefined) {
      // Binaries for other systems are in the lock file and never on the disk.
      if (!entry.optional) {
        return path
      }
    } else if (found.version !== entry.version) {
      return path
    }
  }
  return null
}

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

export async function ensureDependencies() {
  const wanted = readJson(join(root, 'package-lock.json'))
  if (wanted === null) {
    throw new SetupError('package-lock.json is missing or is not JSON: this checkout is not whole. Check it out again.')
  }
  if (firstDifference(wanted, readJson(join(root, 'node_modules', '.package-lock.json'))) === null) {
    return
  }
  say('Installing the npm dependencies …')
  const startedMs = Date.now()
  try {
    await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root })
  } catch (error) {
    throw new SetupError(`The npm dependencies could not be installed.\n${error instanceof Error ? error.message : error}`)
  }
  say(`Installed the npm dependencies in ${((Date.now() - startedMs) / 1000).toFixed(1)} s.`)
}
