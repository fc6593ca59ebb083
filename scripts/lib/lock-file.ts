/**
 * The lock file must name every optional package, those for other systems too, or `npm ci` refuses it everywhere. npm leaves out what its
 * registry does not hand out at that moment, so a lock file written behind a partial mirror is not whole; here it is made so.
 */

interface LockEntry {
  version?: string
  optionalDependencies?: Readonly<Record<string, string>>
  dev?: boolean
  optional?: boolean
  os?: readonly string[]
  cpu?: readonly string[]
  libc?: readonly string[]
}

export interface LockFile {
  packages: Record<string, LockEntry>
}

/** The optional packages that some package names and the lock file does not. */
export function missingOptionalPackages(
  lock: LockFile,
): readonly { readonly name: string; readonly version: string; readonly isDev: boolean }[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(
        ([name]) =>
          lock.packages[`node_modules/${name}`] === undefined && lock.packages[`${path}/node_modules/${name}`] === undefined,
      )
      .map(([name, version]) => ({ name, version, isDev: entry.dev === true })),
  )
}

/** Adds them with what their names say of their system. Without a hash: who has not the package has not its hash either. */
export function completeLockFile(lock: LockFile): LockFile {
  const packages = { ...lock.packages }
  for (const { name, version, isDev } of missingOptionalPackages(lock)) {
    packages[`node_modules/${name}`] = { version, ...(isDev ? { dev: true } : {}), optional: true, ...systemOf(name) }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => (a === '' ? -1 : b === '' ? 1 : a.localeCompare(b, 'en')))
  return { ...lock, packages: Object.fromEntries(sorted) }
}

function systemOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> {
  const match = /(android|darwin|linux|win32|freebsd|openharmony|wasm32)-([a-z0-9]+)(?:-(gnu|musl))?/.exec(name)
  if (match === null) {
    return {}
  }
  const [, os = '', cpu = '', libc] = match
  if (os === 'wasm32') {
    return { cpu: ['wasm32'] }
  }
  return { cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc === 'gnu' ? 'glibc' : 'musl'] }), os: [os] }
}
