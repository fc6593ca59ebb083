/**
 * The one entry of `npm start`, `npm test`, `npm run dev | serve | check | e2e | screenshots | sim …`: installs and builds what is missing, then
 * becomes or starts what was asked for. Plain JavaScript with JSDoc types, here and in setup/: it runs before any dependency exists.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ensureBuilt } from './setup/build.mjs'
import { ensureDependencies } from './setup/dependencies.mjs'
import { electronSwitches, ensureElectronRuntime } from './setup/electron-runtime.mjs'
import { root } from './setup/paths.mjs'
import { ensureForeignClients, ensureSystemLibraries, missingSharedLibraries } from './setup/system-libraries.mjs'
import { handOver, SetupError, say } from './setup/terminal.mjs'

const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])

/** Everything a window needs, and the environment in which Electron, electron-vite and Playwright find it.
 *  @param {'window' | 'test'} purpose */
async function prepareWindow(purpose) {
  await ensureSystemLibraries(purpose)
  const runtime = await ensureElectronRuntime()
  const env = { ...process.env }
  if (runtime.overrideDistPath !== null) {
    env['ELECTRON_OVERRIDE_DIST_PATH'] = runtime.overrideDistPath
  }
  return { runtime, env }
}

/** @param {string} script @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env] */
function runTypeScript(script, args, env) {
  return handOver(process.execPath, ['--import', 'tsx', join(root, 'scripts', script), ...args], env)
}

/** @type {Record<string, (args: string[]) => Promise<number | null>>} */
const commands = {
  async start(args) {
    if (!hasDisplay) {
      say('There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open. Serving headless instead.')
      return commands['serve']?.(args) ?? null
    }
    await ensureDependencies()
    const { runtime, env } = await prepareWindow('window')
    await ensureBuilt('window')
    const code = await handOver(runtime.executable, [...electronSwitches(), root, ...args], env)
    if (code === 127) {
      const missing = await missingSharedLibraries(join(runtime.overrideDistPath ?? '', '..', 'dist', 'electron'))
      throw new SetupError(`Electron did not start. Shared libraries that were not found: ${missing.join(', ') || 'unknown'}.`)
    }
    return code
  },

  async dev(args) {
    await ensureDependencies()
    const { env } = await prepareWindow('window')
    if (electronSwitches().length > 0) {
      env['NO_SANDBOX'] = '1'
    }
    return handOver(
      process.execPath,
      [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'dev', '--watch', ...args],
      env,
    )
  },

  /**
   * The server runs in this very process: standard input, signals, exit code and a `kill -9` reach it with nobody in between.
   */
  async serve(args) {
    await ensureDependencies()
    await ensureBuilt('headless')
    const entry = join(root, 'out', 'main', 'cli.js')
    process.argv = [process.execPath, entry, 'serve', ...args]
    createRequire(import.meta.url)(entry)
    return null
  },

  async test(args) {
    await ensureDependencies()
    const { env } = await prepareWindow('test')
    return runTypeScript('test.ts', args, env)
  },

  async e2e(args) {
    await ensureDependencies()
    const { env } = await prepareWindow('test')
    return runTypeScript('e2e.ts', args, env)
  },

  async screenshots(args) {
    await ensureDependencies()
    const { env } = await prepareWindow('test')
    return runTypeScript('screenshots.ts', args, env)
  },

  async fuzz(args) {
    await ensureDependencies()
    return runTypeScript(join('fuzz', 'index.ts'), args)
  },

  async torture(args) {
    await ensureDependencies()
    return runTypeScript(join('..', 'compat', 'torture', 'index.ts'), args)
  },

  async compat(args) {
    await ensureDependencies()
    await ensureBuilt('headless')
    await ensureForeignClients()
    return runTypeScript(join('..', 'compat', 'run', 'index.ts'), args)
  },

  async check(args) {
    await ensureDependencies()
    return runTypeScript('check.ts', args)
  },

  async sim(args) {
    await ensureDependencies()
    return runTypeScript('sim/index.ts', args)
  },

  async 'sim:mutations'(args) {
    await ensureDependencies()
    return runTypeScript('sim/mutations/index.ts', args)
  },
}

const [name = '', ...args] = process.argv.slice(2)
const command = commands[name]
try {
  if (command === undefined) {
    throw new SetupError(`There is no command "${name}". There are: ${Object.keys(commands).join(', ')}.`)
  }
  process.chdir(root)
  const code = await command(args)
  if (code !== null) {
    process.exitCode = code
  }
} catch (error) {
  say(error instanceof SetupError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
}
