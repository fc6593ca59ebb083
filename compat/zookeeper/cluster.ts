/**
 * kazoo beside a running cluster: what a ZooKeeper client sees of brokers that come and go.
 *
 *   npx tsx compat/zookeeper/cluster.ts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { kafkajs } from '../kafka-clients/clients'
import { ServeProcess } from '../kafka-clients/serve-process'

async function main(): Promise<number> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workbench-kazoo-'))
  const server = await ServeProcess.start(['--port', '0', '--coordination-port', '0', '--data-dir', dataDirectory])
  let failures = 0
  try {
    await kafkajs.create(server.bootstrapServers, 'watched', 1)
    const port = server.coordination.replace(/.*:/, '')
    const child = spawn('/usr/bin/python3', [join(__dirname, 'kazoo_cluster.py'), port, 'watched'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      console.log(line)
      if (line.startsWith('FAILED')) failures++
      obey(server, line).catch((error: unknown) => {
        failures++
        console.log(`FAILED '${line}': ${String(error)}`)
      })
    })
    const [code] = await once(child, 'close')
    if (code !== 0) failures++
  } finally {
    await server.terminate()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
  return failures === 0 ? 0 : 1
}

async function obey(server: ServeProcess, line: string): Promise<void> {
  if (line === 'kill controller') await server.command(`kill ${(await server.status()).controllerId}`)
  else if (line.startsWith('start ')) await server.command(line)
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
