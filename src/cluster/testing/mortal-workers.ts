/** The built workers behind a shell that dies of an uncaught exception when told to by a file: what a bug in a worker would look like. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtWorkers, temporaryDirectory } from './host-kit'

const shell = (entry: string) => `
const fs = require('node:fs')
const { workerData } = require('node:worker_threads')
const order = workerData.dataDirectory + '.die'
setInterval(() => {
  if (!fs.existsSync(order)) return
  const words = fs.readFileSync(order, 'utf8')
  fs.rmSync(order)
  throw new Error(words)
}, 20)
require(${JSON.stringify(join(builtWorkers, `${entry}.js`))})
`

export class MortalWorkers {
  readonly directory = temporaryDirectory()

  constructor() {
    for (const entry of ['broker-worker', 'coordination-worker']) writeFileSync(join(this.directory, `${entry}.js`), shell(entry))
  }

  /** The worker of this data directory throws an Error of these words a moment later. */
  die(dataDirectory: string, words: string): void {
    writeFileSync(`${dataDirectory}.die.tmp`, words)
    // Whole at once: the worker may look at any moment.
    renameSync(`${dataDirectory}.die.tmp`, `${dataDirectory}.die`)
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
