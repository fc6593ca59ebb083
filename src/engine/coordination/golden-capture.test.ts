import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { OpCode } from '../jute/op-codes'
import { JuteReader } from '../jute/reader'
import { GetChildren2Response, GetChildrenResponse, ReplyHeader } from '../jute/records'
import { CoordinationKit } from '../testing/coordination-kit'

/** What kazoo and a ZooKeeper 3.8 said to each other, as hex, both ways. It lies beside the project, not in it. */
const captureFile = path.resolve(process.cwd(), '../shared/reference/zookeeper-captures/capture.txt')
const hasCapture = existsSync(captureFile)
if (!hasCapture) console.log('SKIPPED golden capture: ../shared/reference/zookeeper-captures/capture.txt is not there')

/** Wall-clock times of the capture and of this test begin alike; nothing else in it does. */
const TIMES = /000001a2[0-9a-f]{8}/g
const START_MS = 0x1a205000000

interface Exchange {
  readonly title: string
  readonly request: Buffer
  readonly answers: Buffer[]
}

function readCapture(): Exchange[] {
  const exchanges: Exchange[] = []
  let title = ''
  for (const line of readFileSync(captureFile, 'utf8').split('\n')) {
    const bytes = Buffer.from(line.slice(4), 'hex')
    if (line.startsWith('## ')) title = line.slice(3)
    else if (line.startsWith('C>S ')) exchanges.push({ title, request: bytes, answers: [] })
    else if (line.startsWith('S>C ')) exchanges.at(-1)?.answers.push(bytes.subarray(4))
  }
  return exchanges
}

/** The order of children is not defined: they are compared by name. */
function comparable(answer: Buffer, requestType: number): unknown {
  const reader = new JuteReader(answer)
  const header = ReplyHeader.read(reader)
  if (header.err === 0 && header.xid > 0 && (requestType === OpCode.GET_CHILDREN || requestType === OpCode.GET_CHILDREN2)) {
    const body = (requestType === OpCode.GET_CHILDREN ? GetChildrenResponse : GetChildren2Response).read(reader)
    const { children, ...rest } = body as { children: readonly string[]; stat?: object }
    return { header, children: [...children].sort(), rest: { ...rest.stat, ctime: 0, mtime: 0 } }
  }
  return answer.toString('hex').replace(TIMES, 'time')
}

it.skipIf(!hasCapture)('answers what ZooKeeper 3.8 answered, byte for byte', async () => {
  const kit = new CoordinationKit()
  kit.clock.now = START_MS
  const server = await kit.start()
  const connection = kit.bare()
  const [connect, ...requests] = readCapture()
  connection.send(connect?.request as Buffer)
  await kit.settle()
  const reply = connection.packets.shift() as Buffer
  const expected = connect?.answers[0] as Buffer
  expect(reply).toHaveLength(expected.length)
  // Protocol version, time-out; then the session's own id and password; then readOnly.
  expect(reply.subarray(0, 8)).toEqual(expected.subarray(0, 8))
  expect(reply.at(-1)).toBe(0)

  expect(requests.length).toBeGreaterThan(25)
  for (const { title, request, answers } of requests) {
    kit.clock.advance(1)
    connection.send(request)
    await kit.settle()
    const type = request.readInt32BE(8)
    const received = connection.packets.splice(0).map((answer) => comparable(answer, type))
    expect(received, title).toEqual(answers.map((answer) => comparable(answer, type)))
  }
  expect(connection.isClosed).toBe(true)
  await server.stop()
})
