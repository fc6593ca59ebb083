/** A virtual display of our own, so that the tests' window opens nowhere else and needs no screen. */
import { spawn } from 'node:child_process'

export interface Display {
  /** For the DISPLAY variable; null where the system needs none. */
  readonly name: string | null
  close(): void
}

export function openDisplay(): Promise<Display> {
  if (process.platform !== 'linux') {
    return Promise.resolve({ name: null, close: () => undefined })
  }
  return new Promise((resolve, reject) => {
    // It chooses a free number itself and says which on descriptor 3, once it takes connections.
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    })
    let complaints = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      complaints += chunk.toString('utf8')
    })
    server.stdio[3]?.once('data', (chunk: Buffer) =>
      resolve({ name: `:${chunk.toString('utf8').trim()}`, close: () => void server.kill() }),
    )
    server.once('error', (error) => reject(new Error(`Xvfb could not be started: ${error.message}. Install xvfb.`)))
    server.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code}.\n${complaints}`)))
  })
}
