/** Which commit runs: a seed means nothing without it. */
import { execFileSync } from 'node:child_process'
import { root } from '../lib/steps'
import type { Source } from './report'

/** What a simulated run is made of; a change elsewhere changes no seed. */
const PATHS = ['src/engine', 'src/shared/lang', 'scripts/sim']

export function currentSource(): Source {
  try {
    const commit = git('rev-parse', '--short=10', 'HEAD')
    return { commit, hasLocalChanges: git('status', '--porcelain', '--', ...PATHS) !== '' }
  } catch {
    return { commit: 'unknown', hasLocalChanges: false }
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
