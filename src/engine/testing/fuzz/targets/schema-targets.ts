/** Payloads of every schema type, and the marks in front of them: what a topic holds is anybody's bytes. */
import {
  type CodecSchema,
  compileCodec,
  type PayloadCodec,
  readGuidHeader,
  readPrefix,
  SerdeError,
  WireFormatError,
  writePrefix,
} from '../../../schemas/serde'
import type { FuzzRandom } from '../fuzz-random'
import { check, type FuzzTarget, orRefused } from '../fuzz-target'

const AVRO = `{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"},{"name":"at","type":{"type":"long",
"logicalType":"timestamp-nanos"}},{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":30,"scale":2}},
{"name":"pay","type":["null",{"type":"record","name":"Card","fields":[{"name":"n","type":"string"}]},{"type":"record","name":"Cash","fields":[]}]},
{"name":"parts","type":{"type":"array","items":"Order"}},{"name":"tags","type":{"type":"map","values":["null","double","string"]}},
{"name":"nothing","type":{"type":"array","items":"null"}},{"name":"state","type":{"type":"enum","name":"State","symbols":["A","B"]}},
{"name":"raw","type":{"type":"fixed","name":"Raw","size":3}},{"name":"took","type":{"type":"fixed","name":"Took","size":12,"logicalType":"duration"}}]}`

/** A newer version of it, so that skipping and defaults are in the way, too. */
const AVRO_READER = `{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"more","type":["null","long"],"default":null},
{"name":"id","type":"double"},{"name":"tags","type":{"type":"map","values":["null","double","bytes"]}},{"name":"parts","type":{"type":"array",
"items":"Order"}}]}`

const PROTOBUF = `syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto"; import "google/protobuf/struct.proto";
import "google/protobuf/any.proto"; message Order { int64 id = 1; google.protobuf.Timestamp at = 2; repeated Order parts = 3; map<string, double> tags = 4;
oneof pay { string card = 5; bytes cash = 6; } repeated sint32 packed = 7; google.protobuf.Struct extra = 8; google.protobuf.Any any = 9; State state = 10;
enum State { A = 0; B = 1; } }`

const order = (random: FuzzRandom, depth = 0): string => {
  const parts = depth > 3 ? [] : Array.from({ length: random.below(3) }, () => order(random, depth + 1))
  const pay = random.pick(['null', '{"shop.Card":{"n":"x"}}', '{"shop.Cash":{}}'])
  return `{"id":${random.next()},"at":"2024-01-31T12:34:56.000000001Z","price":${random.below(1000)}.25,"pay":${pay},"parts":[${parts.join(',')}],
    "tags":{"a":null,"b":${random.below(9)}.5,"c":"x"},"nothing":[null],"state":"B","raw":"abc","took":"P1M2DT3.004S"}`
}

const protoOrder = (random: FuzzRandom, depth = 0): string => {
  const parts = depth > 3 ? [] : Array.from({ length: random.below(3) }, () => protoOrder(random, depth + 1))
  return `{"id":"${random.next()}","at":"2024-01-31T12:34:56Z","parts":[${parts.join(',')}],"tags":{"a":1.5},"card":"x","packed":[1,-1],
    "extra":{"a":[1,{"b":null}]},"any":{"@type":"x/shop.Order","id":"5"},"state":"B"}`
}

function codecTarget(name: string, schema: CodecSchema, sample: (random: FuzzRandom) => string): FuzzTarget {
  let compiled: PayloadCodec | null = null
  const codec = (): PayloadCodec => {
    compiled ??= compileCodec(schema)
    return compiled
  }
  return {
    name,
    share: 8,
    minimum: 30_000,
    seed: (random) => codec().encode(sample(random)),
    run(input) {
      const decoded = orRefused(() => codec().decode(input), SerdeError)
      if (decoded === undefined || schema.readerText !== undefined) return
      const again = orRefused(() => codec().encode(decoded.json), SerdeError)
      // A decimal may hold more digits than its schema allows to be written, a map the same key twice: then the text differs or is refused.
      if (again !== undefined)
        check(codec().decode(again).json === decoded.json, 'what is shown can be sent, and is shown the same again')
    },
    // Text of JSON, of escapes and of names that stand once a value.
    allocationMax: (length) => 256 * 1024 + length * 1024,
  }
}

const marks: FuzzTarget = {
  name: 'schemas/marks',
  share: 20,
  minimum: 50_000,
  seed: (random) =>
    writePrefix(
      random.below(0x7fff_ffff),
      Array.from({ length: 1 + random.below(4) }, () => random.below(300)),
      random.bytes(4),
    ),
  run(input) {
    for (const isProtobuf of [false, true]) {
      const marked = orRefused(() => readPrefix(input, isProtobuf), WireFormatError)
      if (marked?.mark.kind !== 'id') continue
      check(marked.payload.length <= input.length - 5, 'a payload stands behind its prefix')
      const again = readPrefix(writePrefix(marked.mark.id, marked.mark.messageIndexes, marked.payload), isProtobuf)
      check(again?.mark.kind === 'id' && again.mark.id === marked.mark.id, 'a prefix that was read can be written again')
    }
    orRefused(() => readGuidHeader(input), WireFormatError)
  },
}

const references = new Map<string, string>()

export const schemaTargets: readonly FuzzTarget[] = [
  codecTarget('schemas/avro', { type: 'AVRO', text: AVRO, references }, order),
  codecTarget('schemas/avro-reader', { type: 'AVRO', text: AVRO, references, readerText: AVRO_READER }, order),
  codecTarget('schemas/protobuf', { type: 'PROTOBUF', text: PROTOBUF, references }, protoOrder),
  marks,
]
