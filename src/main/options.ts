/**
 * What the app was started with: command line first, then environment, then defaults. The names are those of `serve`, so that `npm start
 * -- --port 0` means the same with and without a display. Unknown arguments are left alone: they may be Chromium's.
 */

export interface LaunchOptions {
  /** null: the default workspace of this user. */
  readonly dataDirectory: string | null
  readonly brokerCount: number | null
  readonly brokerPorts: readonly number[] | null
  readonly coordinationPort: number | null
  readonly registryPort: number | null
  /** What could not be understood, in sentences. */
  readonly problems: readonly string[]
}

export function readLaunchOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): LaunchOptions {
  const problems: string[] = []

  function text(option: string, variable: string): string | null {
    for (const [index, argument] of argv.entries()) {
      if (argument.startsWith(`--${option}=`)) {
        return argument.slice(option.length + 3)
      }
      if (argument === `--${option}`) {
        return argv[index + 1] ?? ''
      }
    }
    return env[variable] || null
  }

  function numbers(option: string, variable: string, min: number, max: number): readonly number[] | null {
    const value = text(option, variable)
    if (value === null) {
      return null
    }
    const parsed = value.split(',').map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : Number.NaN))
    if (parsed.every((number) => number >= min && number <= max)) {
      return parsed
    }
    problems.push(`--${option} takes numbers from ${min} to ${max}; "${value}" is ignored.`)
    return null
  }

  return {
    dataDirectory: text('data-dir', 'BROKER_WORKBENCH_DATA_DIR'),
    brokerCount: numbers('brokers', 'BROKER_WORKBENCH_BROKERS', 1, 64)?.[0] ?? null,
    brokerPorts: numbers('port', 'BROKER_WORKBENCH_PORT', 0, 65_535),
    coordinationPort: numbers('coordination-port', 'BROKER_WORKBENCH_COORDINATION_PORT', 0, 65_535)?.[0] ?? null,
    registryPort: numbers('registry-port', 'BROKER_WORKBENCH_REGISTRY_PORT', 0, 65_535)?.[0] ?? null,
    problems,
  }
}
