/** The whole tree of a server as text, one znode a line, read through the protocol by somebody who may read everything that is open. */
import { OpCode } from '../../src/engine/jute/op-codes'
import { JuteReader } from '../../src/engine/jute/reader'
import {
  GetChildren2Response,
  GetDataResponse,
  PathAndWatchRequest,
  ReplyHeader,
  RequestHeader,
} from '../../src/engine/jute/records'
import { JuteWriter } from '../../src/engine/jute/writer'
import { RawClient } from './raw-client'

export async function treeText(port: number): Promise<string> {
  const client = await RawClient.connect(port, null, 40_000)
  let xid = 0
  const call = async (type: number, path: string): Promise<{ err: number; reader: JuteReader }> => {
    const writer = new JuteWriter()
    RequestHeader.write(writer, { xid: ++xid, type })
    PathAndWatchRequest.write(writer, { path, watch: false })
    client.send(writer.bytes())
    const reader = new JuteReader((await client.next()) ?? Buffer.alloc(0))
    return { err: ReplyHeader.read(reader).err, reader }
  }
  const lines: string[] = []
  const visit = async (path: string): Promise<void> => {
    const data = await call(OpCode.GET_DATA, path)
    if (data.err !== 0) return void lines.push(`${path}: ${data.err}`)
    const { data: bytes, stat } = GetDataResponse.read(data.reader)
    const values = Object.values(stat).map(String).join(' ')
    lines.push(`${path}: ${bytes === null ? 'null' : Buffer.from(bytes).toString('hex')} ${values}`)
    const { children } = GetChildren2Response.read((await call(OpCode.GET_CHILDREN2, path)).reader)
    for (const name of [...children].sort()) await visit(path === '/' ? `/${name}` : `${path}/${name}`)
  }
  await visit('/')
  client.close()
  return lines.join('\n')
}
