/**
 * Runs our coordination server alone, for ZooKeeper's clients to judge: `tsx compat/zookeeper/server.ts PORT DIRECTORY [tickMs minMs maxMs]`.
 * Prints one line, "listening PORT", when it serves, and stops on SIGTERM or when its standard input ends.
 */
import { CoordinationServer } from '../../src/engine/coordination/coordination-server'
import { createNodePlatform } from '../../src/engine/platform/node'

const [port = '0', directory, tickMs = '100', minMs = '500', maxMs = '60000'] = process.argv.slice(2)
if (directory === undefined) {
  console.error('usage: server.ts PORT DIRECTORY [tickMs minSessionMs maxSessionMs]')
  process.exit(2)
}

const say = (level: string) => (message: string, fields?: object) => console.error(level, message, fields ?? '')
const logger = { debug: () => {}, info: () => {}, warn: say('warn'), error: say('error') }

async function main(dataDirectory: string): Promise<void> {
  const server = await CoordinationServer.start({
    platform: createNodePlatform({ logger }),
    host: '127.0.0.1',
    port: Number(port),
    dataDirectory,
    tickTimeMs: Number(tickMs),
    minSessionTimeoutMs: Number(minMs),
    maxSessionTimeoutMs: Number(maxMs),
  })
  console.log(`listening ${server.port}`)
  const stop = (): void => {
    void server.stop().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.stdin.on('end', stop)
  process.stdin.resume()
}

void main(directory)
