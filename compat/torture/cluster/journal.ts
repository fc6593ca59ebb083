/**
 * What of a worker's files a power loss would leave: one line for everything that makes bytes or names durable, or gives them up. A line is written
 * after the system has done it and before the engine hears of it, so the journal never promises more than the disk did. It lies outside the data
 * and is written without a sync: the processes die in this test, the machine does not. Replayed by the driver (power-loss.ts).
 */
import * as fs from 'node:fs'

export class Journal {
  private readonly descriptor: number
  private lastId = 0

  constructor(path: string) {
    this.descriptor = fs.openSync(path, 'a')
    this.line('L')
  }

  /** Ids are of this life of the worker; a file keeps its id when it is renamed. */
  opened(path: string, isNew: boolean): number {
    const id = ++this.lastId
    this.line(`${isNew ? 'C' : 'O'} ${id} ${path}`)
    return id
  }

  synced(id: number, size: number): void {
    this.line(`S ${id} ${size}`)
  }

  truncated(id: number, size: number): void {
    this.line(`T ${id} ${size}`)
  }

  wroteAtomically(path: string, size: number): void {
    this.line(`A ${size} ${path}`)
  }

  madeDirectory(path: string): void {
    this.line(`M ${path}`)
  }

  syncedDirectory(path: string): void {
    this.line(`Y ${path}`)
  }

  renamed(from: string, to: string): void {
    this.line(`R ${from}\t${to}`)
  }

  removed(path: string): void {
    this.line(`D ${path}`)
  }

  private line(text: string): void {
    fs.writeSync(this.descriptor, `${text}\n`)
  }
}
