/**
 * Transactions as ZooKeeper's log holds them: a header with the zxid, then the record of the change. A transaction is already decided:
 * it carries the final path, the new version and the parent's new child version, so that applying it never fails and never depends on
 * anything but the tree. Written and read by the transaction log, applied by the tree.
 */
import type { Codec, ValueOf } from './codec'
import { bool, buffer, int, long, record, time, ustring, vector } from './codec'
import { OpCode } from './op-codes'
import { JuteError, JuteReader } from './reader'
import { AclList } from './records'
import { JuteWriter } from './writer'

export const TxnHeader = record({ clientId: long, cxid: int, zxid: long, time, type: int })
export type TxnHeader = ValueOf<typeof TxnHeader>

const CreateTxn = record({ path: ustring, data: buffer, acl: AclList, ephemeral: bool, parentCVersion: int })
const CreateContainerTxn = record({ path: ustring, data: buffer, acl: AclList, parentCVersion: int })
const CreateTtlTxn = record({ path: ustring, data: buffer, acl: AclList, parentCVersion: int, ttl: long })
const DeleteTxn = record({ path: ustring })
const SetDataTxn = record({ path: ustring, data: buffer, version: int })
const CheckVersionTxn = record({ path: ustring, version: int })
const SetAclTxn = record({ path: ustring, acl: AclList, version: int })
const CreateSessionTxn = record({ timeOut: int })
const CloseSessionTxn = record({ paths2Delete: vector(ustring) })
const ErrorTxn = record({ err: int })

export type Txn =
  | ({ readonly type: typeof OpCode.CREATE | typeof OpCode.CREATE2 } & ValueOf<typeof CreateTxn>)
  | ({ readonly type: typeof OpCode.CREATE_CONTAINER } & ValueOf<typeof CreateContainerTxn>)
  | ({ readonly type: typeof OpCode.CREATE_TTL } & ValueOf<typeof CreateTtlTxn>)
  | ({ readonly type: typeof OpCode.DELETE | typeof OpCode.DELETE_CONTAINER } & ValueOf<typeof DeleteTxn>)
  | ({ readonly type: typeof OpCode.SET_DATA } & ValueOf<typeof SetDataTxn>)
  | ({ readonly type: typeof OpCode.CHECK } & ValueOf<typeof CheckVersionTxn>)
  | ({ readonly type: typeof OpCode.SET_ACL } & ValueOf<typeof SetAclTxn>)
  | ({ readonly type: typeof OpCode.CREATE_SESSION } & ValueOf<typeof CreateSessionTxn>)
  | ({ readonly type: typeof OpCode.CLOSE_SESSION } & ValueOf<typeof CloseSessionTxn>)
  | ({ readonly type: typeof OpCode.ERROR } & ValueOf<typeof ErrorTxn>)
  | MultiTxn

export interface MultiTxn {
  readonly type: typeof OpCode.MULTI
  readonly txns: readonly Txn[]
}

const bodies = new Map<number, Codec<unknown>>([
  [OpCode.CREATE, CreateTxn],
  [OpCode.CREATE2, CreateTxn],
  [OpCode.CREATE_CONTAINER, CreateContainerTxn],
  [OpCode.CREATE_TTL, CreateTtlTxn],
  [OpCode.DELETE, DeleteTxn],
  [OpCode.DELETE_CONTAINER, DeleteTxn],
  [OpCode.SET_DATA, SetDataTxn],
  [OpCode.CHECK, CheckVersionTxn],
  [OpCode.SET_ACL, SetAclTxn],
  [OpCode.CREATE_SESSION, CreateSessionTxn],
  [OpCode.CLOSE_SESSION, CloseSessionTxn],
  [OpCode.ERROR, ErrorTxn],
])

function bodyOf(type: number): Codec<unknown> {
  const body = bodies.get(type)
  if (body === undefined) throw new JuteError(`unknown transaction type ${type}`)
  return body
}

export function writeTxn(writer: JuteWriter, txn: Txn): void {
  if (txn.type !== OpCode.MULTI) return bodyOf(txn.type).write(writer, txn)
  writer.int(txn.txns.length)
  const inner = new JuteWriter()
  for (const part of txn.txns) {
    inner.reset()
    writeTxn(inner, part)
    writer.int(part.type)
    writer.buffer(inner.bytes())
  }
}

/** ZooKeeper may add a digest behind the record; it is left unread. */
export function readTxn(reader: JuteReader, type: number): Txn {
  if (type !== OpCode.MULTI) return { type, ...(bodyOf(type).read(reader) as object) } as Txn
  const txns: Txn[] = []
  for (let count = reader.count(8); count > 0; count--) {
    const partType = reader.int()
    if (partType === OpCode.MULTI) throw new JuteError('a multi within a multi')
    const bytes = reader.buffer()
    if (bytes === null) throw new JuteError('a multi with an empty transaction')
    txns.push(readTxn(new JuteReader(bytes), partType))
  }
  return { type: OpCode.MULTI, txns }
}
