/**
 * Builds `out/` when it is older than its sources. "Older" is a fingerprint of every source's path, size and date, kept beside the
 * output: it notices a deleted file and an older branch too. The headless build is the main process alone, without the window, and
 * needs neither Electron nor the window's sources.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { run, SetupError, say } from './terminal.mjs'

const configuration = ['package.json', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.base.json']
const sources = {
  headless: ['src/shared', 'src/engine', 'src/cluster', 'src/workbench', 'src/cli'],
  window: ['src', 'resources'],
}
/** What must be there besides an equal fingerprint. */
const results = {
  headless: ['out/main/cli.js'],
  window: ['out/main/index.js', 'out/preload/index.js', 'out/renderer/index.html'],
}

/**
 * @param {readonly string[]} paths
 * @returns {string}
 */
export function fingerprint(paths) {
  const hash = createHash('sha1')
  /** @param {string} path */
  const add = (path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false })
    if (stat === undefined) {
      return
    }
    if (!stat.isDirectory()) {
      hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`)
      return
    }
    for (const name of readdirSync(join(root, path)).sort()) {
      if (!name.endsWith('.test.ts')) {
        add(`${path}/${name}`)
      }
    }
  }
  for (const path of paths) {
    add(path)
  }
  return hash.digest('hex')
}

/** @param {'headless' | 'window'} kind */
export async function ensureBuilt(kind) {
  const current = fingerprint([...configuration, ...sources[kind]])
  const stampFile = join(root, 'out', `.built-${kind}`)
  const isBuilt = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === current
  if (isBuilt && results[kind].every((path) => existsSync(join(root, path)))) {
    return
  }
  say(kind === 'window' ? 'Building the app …' : 'Building the headless server …')
  const startedMs = Date.now()
  try {
    await run(
      process.execPath,
      [
        join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'),
        'build',
        '--ignoreConfigWarning',
        '--logLevel',
        'warn',
      ],
      {
        cwd: root,
        env: { ...process.env, BROKER_WORKBENCH_BUILD: kind },
      },
    )
  } catch (error) {
    throw new SetupError(`The build failed.\n${error instanceof Error ? error.message : error}`)
  }
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(stampFile, current)
  say(`Built in ${((Date.now() - startedMs) / 1000).toFixed(1)} s.`)
}
