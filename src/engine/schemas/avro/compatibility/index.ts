/** Compatibility of two Avro schemas as the registry answers it, and as people read it. */
import type { Incompatibility } from '../../format'
import type { AvroSchema } from '../model'
import { compareSchemas } from './checker'
import { explain } from './explain'
import { registryWords } from './registry-words'

export function avroIncompatibilities(reader: AvroSchema, writer: AvroSchema): readonly Incompatibility[] {
  return compareSchemas(reader.root, writer.root).map((finding) => ({
    type: finding.type,
    path: finding.readerPath,
    writerPath: finding.writerPath,
    ...registryWords(finding),
    ...explain(finding),
  }))
}
