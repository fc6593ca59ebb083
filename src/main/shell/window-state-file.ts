/**
 * The page's own memory of its tabs, as text that only the page understands. One file beside the window's settings, written whole and renamed, so
 * that a crash leaves the state of before and never half of one.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { WorkbenchError } from '../../shared/ipc/errors'

export class WindowStateFile {
  constructor(private readonly path: string) {}

  read(): string | null {
    try {
      return readFileSync(this.path, 'utf8')
    } catch {
      return null
    }
  }

  /** Throws a sentence where it cannot be written; what was written before stands. */
  write(text: string): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true })
      writeFileSync(`${this.path}.tmp`, text)
      renameSync(`${this.path}.tmp`, this.path)
    } catch (error) {
      throw new WorkbenchError('expected', 'STATE_NOT_KEPT', `The open tabs could not be kept in ${this.path}: ${String(error)}.`)
    }
  }
}
