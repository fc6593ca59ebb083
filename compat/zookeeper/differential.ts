/**
 * Our server against Debian's ZooKeeper, request by request: both get the same random requests on three sessions, and every reply and event must be the
 * same but for wall-clock times, session ids and the order of children. Afterwards each server is started on the data folder of the other one, and
 * must show the same tree: the disk format is the same, too.
 *
 *   tsx compat/zookeeper/differential.ts [requests=2000] [seed]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { OpCode, SpecialXid } from '../../src/engine/jute/op-codes'
import { JuteReader } from '../../src/engine/jute/reader'
import { RequestHeader } from '../../src/engine/jute/records'
import { JuteWriter } from '../../src/engine/jute/writer'
import type { RandomOperation } from './random-operations'
import { OperationGenerator, SeededRandom } from './random-operations'
import { ask, RawClient } from './raw-client'
import { describePacket } from './reply-text'
import type { RunningServer } from './servers'
import { isZooKeeperInstalled, startOurs, startZooKeeper } from './servers'
import { treeText } from './tree-text'

const SESSIONS = 3
/** How many requests before a difference are printed. */
const HISTORY_SHOWN = Number(process.env['HISTORY'] ?? 12)

/** One server with its connections; all that it says is turned into comparable text. */
class Side {
  private readonly clients: RawClient[] = []
  /** Session ids in the order of their opening, so that owners compare. */
  private readonly sessions: bigint[] = []
  private readonly nextXid = new Array<number>(SESSIONS).fill(1)

  constructor(readonly server: RunningServer) {}

  async open(index: number): Promise<void> {
    const client = await RawClient.connect(this.server.port, null, 40_000)
    this.clients[index] = client
    this.sessions.push(client.sessionId)
  }

  /** A new connection for the same session. */
  async move(index: number): Promise<void> {
    const old = this.clients[index] as RawClient
    this.clients[index] = await RawClient.connect(this.server.port, { id: old.sessionId, password: old.password }, 40_000)
    old.close()
  }

  async perform(index: number, operation: RandomOperation): Promise<string[]> {
    const said = await this.exchange(index, operation.xid ?? (this.nextXid[index] as number), operation)
    this.nextXid[index] = (this.nextXid[index] as number) + 1
    // A ping on every other connection: what it should have been told stands before the answer.
    for (let other = 0; other < SESSIONS; other++) if (other !== index) said.push(...(await this.ping(other)))
    return said
  }

  async ping(index: number): Promise<string[]> {
    return this.exchange(index, SpecialXid.PING, { text: 'ping', type: OpCode.PING, xid: SpecialXid.PING, body: Buffer.alloc(0) })
  }

  close(): void {
    for (const client of this.clients) client.close()
  }

  private async exchange(index: number, xid: number, { type, body }: RandomOperation): Promise<string[]> {
    const client = this.clients[index] as RawClient
    const writer = new JuteWriter()
    RequestHeader.write(writer, { xid, type })
    writer.raw(body)
    client.send(writer.bytes())
    const said: string[] = []
    for (;;) {
      const packet = await client.next()
      if (packet === null) return [...said, `${index}: closed`]
      said.push(`${index}: ${describePacket(packet, type, this.sessions)}`)
      if (new JuteReader(packet).int() === xid) break
    }
    // The order in which one change tells one connection of several watches is not defined; that all come before the reply is.
    const reply = said.pop() as string
    return [...said.sort((left, right) => left.localeCompare(right)), reply]
  }
}

async function compare(ours: Side, theirs: Side, requestCount: number, seed: number): Promise<void> {
  const random = new SeededRandom(seed)
  const generator = new OperationGenerator(random)
  for (let index = 0; index < SESSIONS; index++) for (const side of [ours, theirs]) await side.open(index)
  const history: string[] = []
  for (let count = 1; count <= requestCount; count++) {
    const index = random.below(SESSIONS)
    let said: [string[], string[]]
    if (random.chance(1)) {
      const isClose = random.chance(50)
      history.push(`${index}: ${isClose ? 'closeSession and a new one' : 'moves to a new connection'}`)
      const close = { text: 'closeSession', type: OpCode.CLOSE_SESSION, xid: null, body: Buffer.alloc(0) }
      said = isClose ? [await ours.perform(index, close), await theirs.perform(index, close)] : [[], []]
      for (const side of [ours, theirs]) await (isClose ? side.open(index) : side.move(index))
    } else {
      const operation = generator.next()
      history.push(`${index}: ${operation.text}`)
      said = [await ours.perform(index, operation), await theirs.perform(index, operation)]
    }
    if (said[0].join('\n') !== said[1].join('\n')) {
      console.error(history.slice(-HISTORY_SHOWN).join('\n'))
      console.error(`\nours:\n  ${said[0].join('\n  ')}\nZooKeeper:\n  ${said[1].join('\n  ')}`)
      throw new Error(`Request ${count} of seed ${seed} is answered differently`)
    }
  }
}

async function compareWords(ours: Side, theirs: Side): Promise<void> {
  const pick = (text: string, wanted: RegExp): string => (text.match(wanted) ?? []).join('\n')
  // zk_watch_count is left out: ZooKeeper 3.8 enters a recursive watch in both of its tables.
  for (const [word, wanted] of [
    ['wchs', /.*/gs],
    ['srvr', /^(Zxid|Mode|Node count|Connections).*$/gm],
    ['mntr', /^zk_(server_state|znode_count|ephemerals_count|global_sessions|num_alive_connections)\t.*$/gm],
    ['isro', /.*/gs],
  ] as const) {
    const [left, right] = [pick(await ask(ours.server.port, word), wanted), pick(await ask(theirs.server.port, word), wanted)]
    const sorted = (text: string): string => text.split('\n').sort().join('\n')
    if (sorted(left) !== sorted(right)) throw new Error(`${word} differs:\n${left}\n---\n${right}`)
  }
}

async function main(): Promise<void> {
  if (!isZooKeeperInstalled) return console.log('SKIPPED differential: ZooKeeper (Debian package zookeeper) is not installed')
  const [requests = '2000', seedText = String(Date.now() % 1_000_000)] = process.argv.slice(2)
  const folder = mkdtempSync(path.join(tmpdir(), 'zookeeper-differential-'))
  const running: RunningServer[] = []
  const start = async (starting: Promise<RunningServer>): Promise<RunningServer> => {
    const server = await starting
    running.push(server)
    return server
  }
  const stopAll = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((server) => server.stop()))
  }
  try {
    const [ours, theirs] = [`${folder}/ours`, `${folder}/theirs`]
    const sides = [new Side(await start(startOurs(ours))), new Side(await start(startZooKeeper(theirs)))] as const
    await compare(sides[0], sides[1], Number(requests), Number(seedText))
    await compareWords(sides[0], sides[1])
    const trees = [await treeText(sides[0].server.port), await treeText(sides[1].server.port)]
    for (const side of sides) side.close()
    await stopAll()
    console.log(`${requests} requests of seed ${seedText}: no difference`)

    const swapped = [await start(startOurs(theirs)), await start(startZooKeeper(ours))]
    const swappedTrees = [await treeText(swapped[0]?.port ?? 0), await treeText(swapped[1]?.port ?? 0)]
    if (swappedTrees[0] !== trees[1])
      throw new Error(`Our server shows another tree from ZooKeeper's folder:\n${trees[1]}\n---\n${swappedTrees[0]}`)
    if (swappedTrees[1] !== trees[0])
      throw new Error(`ZooKeeper shows another tree from our folder:\n${trees[0]}\n---\n${swappedTrees[1]}`)
    console.log(`Each server shows the ${trees[0]?.split('\n').length ?? 0} znodes of the other one's folder`)
  } finally {
    await stopAll()
    rmSync(folder, { recursive: true, force: true })
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
