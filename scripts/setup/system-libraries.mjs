/**
 * System libraries that Electron is linked against, Xvfb for the tests, and the Kafka clients that Debian has. Installs what is missing on
 * Debian and its relatives as root; for anybody else it says what to install. Looks only at dpkg's own files, so it costs nothing when all
 * is there.
 */
import { existsSync } from 'node:fs'
import { run, SetupError, say } from './terminal.mjs'

/** Each with its name on releases after the 64-bit time transition (Debian 13, Ubuntu 24.04). */
const windowPackages = [['libgtk-3-0', 'libgtk-3-0t64'], ['libnss3'], ['libasound2', 'libasound2t64'], ['libgbm1']]
const testPackages = [['xvfb']]
/** Clients of Kafka and ZooKeeper for `npm run compat`, their codecs, and what makes virtual environments for those of the Python package index. */
const foreignClientPackages = [
  ['kcat'],
  ['python3-confluent-kafka'],
  // Its registry client needs these, and does not depend on them.
  ['python3-requests'],
  ['python3-jsonschema'],
  ['python3-kafka'],
  ['python3-lz4'],
  ['python3-snappy'],
  ['python3-zstandard'],
  ['python3-kazoo'],
  ['python3-venv'],
]

const dpkgInfo = '/var/lib/dpkg/info'
const debianArchitectures = /** @type {Record<string, string>} */ ({ x64: 'amd64', arm64: 'arm64', arm: 'armhf' })

/** @param {string} name */
function isInstalled(name) {
  return existsSync(`${dpkgInfo}/${name}.list`) || existsSync(`${dpkgInfo}/${name}:${debianArchitectures[process.arch]}.list`)
}

/** @param {readonly string[]} names */
async function nameOnThisRelease(names) {
  for (const name of [...names].reverse()) {
    const found = await run('apt-cache', ['show', '--no-all-versions', name]).catch(() => '')
    if (found.includes('Package:')) {
      return name
    }
  }
  return names[0] ?? ''
}

/** @param {readonly string[][]} wanted */
function missingOf(wanted) {
  return process.platform !== 'linux' || !existsSync(dpkgInfo) ? [] : wanted.filter((names) => !names.some(isInstalled))
}

/** @param {'window' | 'test'} purpose */
export async function ensureSystemLibraries(purpose) {
  const missing = missingOf(purpose === 'test' ? [...windowPackages, ...testPackages] : windowPackages)
  if (missing.length === 0) {
    return
  }
  if (process.getuid?.() !== 0) {
    const names = missing.map((alternatives) => alternatives[0]).join(' ')
    throw new SetupError(
      `System libraries are missing. Install them and try again:\n  sudo apt-get install --no-install-recommends ${names}`,
    )
  }
  await install(missing, 'system libraries')
}

/** Never stands in the way: a client that is not there is skipped by its suite, which says so. */
export async function ensureForeignClients() {
  const missing = missingOf(foreignClientPackages)
  if (missing.length === 0) {
    return
  }
  const names = missing.map((alternatives) => alternatives[0]).join(' ')
  if (process.getuid?.() !== 0) {
    say(`Clients that are not installed are skipped. To have them:\n  sudo apt-get install --no-install-recommends ${names}`)
    return
  }
  await install(missing, 'clients to test with').catch(async () => {
    // One that this release does not have must not keep the others away.
    for (const one of missing) {
      await install([one], 'clients to test with').catch(() => say(`Not installed, and skipped: ${one[0]}.`))
    }
  })
}

/** @param {readonly string[][]} missing @param {string} what */
async function install(missing, what) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const installOnce = async () => {
    const names = await Promise.all(missing.map(nameOnThisRelease))
    say(`Installing ${what}: ${names.join(' ')} …`)
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], { env })
  }
  try {
    await installOnce()
  } catch {
    // A fresh system has no package lists, an old one has lists of versions that are gone.
    await run('apt-get', ['update', '-q'], { env })
    await installOnce()
  }
}

/**
 * The libraries that the loader does not find for this program, for systems without dpkg and for the message when it does not start.
 *
 * @param {string} executable
 * @returns {Promise<string[]>}
 */
export async function missingSharedLibraries(executable) {
  const listed = await run('ldd', [executable]).catch(() => '')
  return [...listed.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '')
}
