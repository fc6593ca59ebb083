/**
 * ZooKeeper's real clients against our coordination server: kazoo, the C client, node-zookeeper-client. Starts the server, gives each its turn, restarts
 * the server when one asks for it. A client that is not installed says so and is skipped. Exits with 1 if any check failed.
 *
 *   tsx compat/zookeeper/run.ts
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { checkNodeClient } from './node-client'

const folder = mkdtempSync(path.join(tmpdir(), 'zookeeper-clients-'))
let server: ChildProcess | null = null

/** On port 0 a free one is taken; answers the port. */
function startServer(port: number): Promise<number> {
  const args = ['--import', 'tsx', path.join(__dirname, 'server.ts'), String(port), path.join(folder, 'data')]
  const child = spawn(process.execPath, args, { cwd: path.join(__dirname, '../..'), stdio: ['pipe', 'pipe', 'inherit'] })
  server = child
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The server has exited with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^listening (\d+)$/.exec(line)
      if (match !== null) resolve(Number(match[1]))
    })
  })
}

function endServer(signal: NodeJS.Signals): Promise<void> {
  const child = server
  if (child === null || child.exitCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.removeAllListeners('exit')
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

/** As a crash does it: what has been answered must be there all the same. */
async function restart(port: number): Promise<void> {
  await endServer('SIGKILL')
  await startServer(port)
}

/** Runs a client that may print the line "restart" to have the server restarted, and is told on its standard input when that is done. */
function runClient(command: string, args: string[], port: number): Promise<boolean> {
  const child = spawn(command, args, { cwd: __dirname, stdio: ['pipe', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== 'restart') return console.log(line)
    restart(port).then(
      () => child.stdin.write('restarted\n'),
      () => child.kill(),
    )
  })
  return new Promise((resolve) => {
    child.once('error', () => {
      console.log(`SKIPPED ${command}: it cannot be started`)
      resolve(true)
    })
    child.once('exit', (code) => resolve(code === 0))
  })
}

async function main(): Promise<void> {
  const port = await startServer(0)
  // Debian's Python has Debian's modules; another one on the path may not.
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
  const passed = [
    await runClient(python, ['kazoo_client.py', String(port)], port),
    await runClient('sh', ['c_client.sh', String(port)], port),
  ]
  await checkNodeClient(port, () => restart(port))
  if (passed.includes(false)) throw new Error('A client found a difference')
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
  .finally(async () => {
    await endServer('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
    process.exit()
  })
