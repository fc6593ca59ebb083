/** Compatibility of Protobuf schemas: what of their differences keeps a reader from what a writer wrote. */
import type { Incompatibility } from '../../format'
import type { ProtobufSchema } from '../types'
import { differences, isCompatible } from './differences'
import { explained } from './explain'

export const protobufIncompatibilities = (reader: ProtobufSchema, writer: ProtobufSchema): readonly Incompatibility[] =>
  differences(writer, reader)
    .filter((difference) => !isCompatible(difference))
    .map(explained)

export { type Difference, type DifferenceType, differences, isCompatible } from './differences'
