/**
 * The two messages that are no plain records: a multi's operations, and the result of each. Both are a list of (MultiHeader, body) that ends
 * with the header {-1, true, -1}. Used by the server for reading requests and writing results, by the client the other way round.
 */
import type { Codec } from './codec'
import { KeeperCode } from './error-codes'
import { OpCode } from './op-codes'
import { JuteError } from './reader'
import type { Acl, Stat } from './records'
import {
  CreateRequest,
  CreateTtlRequest,
  GetChildrenResponse,
  GetDataResponse,
  MultiHeader,
  PathAndStatResponse,
  PathAndVersionRequest,
  PathAndWatchRequest,
  PathResponse,
  SetDataRequest,
  StatResponse,
} from './records'

interface CreateFields {
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly Acl[]
  readonly flags: number
}

export type MultiRequestOp =
  | ({ readonly type: typeof OpCode.CREATE | typeof OpCode.CREATE2 | typeof OpCode.CREATE_CONTAINER } & CreateFields)
  | ({ readonly type: typeof OpCode.CREATE_TTL; readonly ttl: bigint } & CreateFields)
  | { readonly type: typeof OpCode.DELETE | typeof OpCode.CHECK; readonly path: string; readonly version: number }
  | { readonly type: typeof OpCode.SET_DATA; readonly path: string; readonly data: Uint8Array | null; readonly version: number }
  | { readonly type: typeof OpCode.GET_DATA | typeof OpCode.GET_CHILDREN; readonly path: string; readonly watch: boolean }

export type MultiResult =
  | { readonly type: typeof OpCode.CREATE; readonly path: string }
  | { readonly type: typeof OpCode.CREATE2; readonly path: string; readonly stat: Stat }
  | { readonly type: typeof OpCode.DELETE | typeof OpCode.CHECK }
  | { readonly type: typeof OpCode.SET_DATA; readonly stat: Stat }
  | { readonly type: typeof OpCode.GET_DATA; readonly data: Uint8Array | null; readonly stat: Stat }
  | { readonly type: typeof OpCode.GET_CHILDREN; readonly children: readonly string[] }
  | { readonly type: typeof OpCode.ERROR; readonly err: number }

const END = { type: -1, done: true, err: -1 } as const

export const MultiRequest: Codec<readonly MultiRequestOp[]> = {
  minBytes: 9,
  write(writer, ops) {
    for (const op of ops) {
      MultiHeader.write(writer, { type: op.type, done: false, err: -1 })
      switch (op.type) {
        case OpCode.CREATE:
        case OpCode.CREATE2:
        case OpCode.CREATE_CONTAINER:
          CreateRequest.write(writer, op)
          break
        case OpCode.CREATE_TTL:
          CreateTtlRequest.write(writer, op)
          break
        case OpCode.DELETE:
        case OpCode.CHECK:
          PathAndVersionRequest.write(writer, op)
          break
        case OpCode.SET_DATA:
          SetDataRequest.write(writer, op)
          break
        default:
          PathAndWatchRequest.write(writer, op)
      }
    }
    MultiHeader.write(writer, END)
  },
  read(reader) {
    const ops: MultiRequestOp[] = []
    for (let header = MultiHeader.read(reader); !header.done; header = MultiHeader.read(reader)) {
      const { type } = header
      switch (type) {
        case OpCode.CREATE:
        case OpCode.CREATE2:
        case OpCode.CREATE_CONTAINER:
          ops.push({ type, ...CreateRequest.read(reader) })
          break
        case OpCode.CREATE_TTL:
          ops.push({ type, ...CreateTtlRequest.read(reader) })
          break
        case OpCode.DELETE:
        case OpCode.CHECK:
          ops.push({ type, ...PathAndVersionRequest.read(reader) })
          break
        case OpCode.SET_DATA:
          ops.push({ type, ...SetDataRequest.read(reader) })
          break
        case OpCode.GET_DATA:
        case OpCode.GET_CHILDREN:
          ops.push({ type, ...PathAndWatchRequest.read(reader) })
          break
        default:
          throw new JuteError(`operation ${type} in a multi`)
      }
    }
    return ops
  },
}

export const MultiResponse: Codec<readonly MultiResult[]> = {
  minBytes: 9,
  write(writer, results) {
    for (const result of results) {
      MultiHeader.write(writer, {
        type: result.type,
        done: false,
        err: result.type === OpCode.ERROR ? result.err : KeeperCode.OK,
      })
      switch (result.type) {
        case OpCode.CREATE:
          PathResponse.write(writer, result)
          break
        case OpCode.CREATE2:
          PathAndStatResponse.write(writer, result)
          break
        case OpCode.SET_DATA:
          StatResponse.write(writer, result)
          break
        case OpCode.GET_DATA:
          GetDataResponse.write(writer, result)
          break
        case OpCode.GET_CHILDREN:
          GetChildrenResponse.write(writer, result)
          break
        case OpCode.ERROR:
          writer.int(result.err)
          break
        default:
        // delete and check answer nothing but their header
      }
    }
    MultiHeader.write(writer, END)
  },
  read(reader) {
    const results: MultiResult[] = []
    for (let header = MultiHeader.read(reader); !header.done; header = MultiHeader.read(reader)) {
      const { type } = header
      switch (type) {
        case OpCode.CREATE:
          results.push({ type, ...PathResponse.read(reader) })
          break
        case OpCode.CREATE2:
          results.push({ type, ...PathAndStatResponse.read(reader) })
          break
        case OpCode.DELETE:
        case OpCode.CHECK:
          results.push({ type })
          break
        case OpCode.SET_DATA:
          results.push({ type, ...StatResponse.read(reader) })
          break
        case OpCode.GET_DATA:
          results.push({ type, ...GetDataResponse.read(reader) })
          break
        case OpCode.GET_CHILDREN:
          results.push({ type, ...GetChildrenResponse.read(reader) })
          break
        case OpCode.ERROR:
          results.push({ type, err: reader.int() })
          break
        default:
          throw new JuteError(`result of operation ${type} in a multi`)
      }
    }
    return results
  },
}
