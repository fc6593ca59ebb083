/** Starts and stops the two servers that are compared: ours, in a process of its own, and Debian's ZooKeeper, where it is installed. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { ask } from './raw-client'

/** Its manifest names the jars it needs, but for a logger. */
const zooKeeperJar = '/usr/share/java/zookeeper.jar'
const silentLoggerJar = '/usr/share/java/slf4j-nop.jar'

export const isZooKeeperInstalled = existsSync(zooKeeperJar)

export interface RunningServer {
  readonly port: number
  stop(): Promise<void>
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.on('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address()
      server.close(() => (address === null || typeof address === 'string' ? reject(new Error('no port')) : resolve(address.port)))
    })
  })
}

async function untilAnswering(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`The server has exited with ${child.exitCode}`)
    // ZooKeeper says imok before it takes sessions, but not rw.
    if ((await ask(port, 'isro').catch(() => '')) === 'rw') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('The server does not answer')
}

async function run(port: number, command: string, args: string[], cwd: string): Promise<RunningServer> {
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'ignore', 'inherit'] })
  await untilAnswering(port, child)
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

export async function startOurs(directory: string): Promise<RunningServer> {
  const port = await freePort()
  const args = ['--import', 'tsx', path.join(__dirname, 'server.ts'), String(port), directory, '2000', '4000', '40000']
  return run(port, process.execPath, args, path.join(__dirname, '../..'))
}

export async function startZooKeeper(directory: string): Promise<RunningServer> {
  const port = await freePort()
  mkdirSync(directory, { recursive: true })
  const config = path.join(directory, 'zoo.cfg')
  const lines = [
    'tickTime=2000',
    `dataDir=${directory}`,
    `clientPort=${port}`,
    'clientPortAddress=127.0.0.1',
    'admin.enableServer=false',
  ]
  writeFileSync(config, `${[...lines, '4lw.commands.whitelist=*'].join('\n')}\n`)
  const options = ['-Dzookeeper.forceSync=no', '-Xmx256m']
  return run(
    port,
    'java',
    [...options, '-cp', `${silentLoggerJar}:${zooKeeperJar}`, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', config],
    directory,
  )
}
