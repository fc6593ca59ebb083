/**
 * The main process's own log: warnings and errors on standard error, everything in `logs/main.log` of the profile folder. Never throws;
 * a disk that is full must not take the window down with it.
 */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { LogFields, Logger } from '../workbench/services'

const fileBytesMax = 4 * 1024 * 1024

export class MainLog implements Logger {
  private readonly path: string

  constructor(directory: string) {
    this.path = join(directory, 'main.log')
    try {
      mkdirSync(directory, { recursive: true })
      if ((statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) > fileBytesMax) {
        renameSync(this.path, `${this.path}.1`)
      }
    } catch {
      // Then there is no file, and standard error has to do.
    }
  }

  debug(message: string, fields?: LogFields): void {
    this.write('DEBUG', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.write('INFO', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    process.stderr.write(this.write('WARN', message, fields))
  }

  error(message: string, fields?: LogFields): void {
    process.stderr.write(this.write('ERROR', message, fields))
  }

  private write(level: string, message: string, fields: LogFields | undefined): string {
    const values =
      fields === undefined
        ? ''
        : ` ${JSON.stringify(fields, (_key, value) => (typeof value === 'bigint' ? String(value) : value))}`
    const line = `${new Date().toISOString()} ${level} ${message}${values}\n`
    try {
      appendFileSync(this.path, line)
    } catch {
      // See above.
    }
    return line
  }
}
