/** Avro IDL: what the rest of the folder and the workbench take from here. */
export { type AvroIdl, outlineOfIdl, parseAvroIdl } from './idl'
export { formatAvroIdl } from './layout'
export { fixesOfIdl } from './mends'
export { printAvroIdl } from './print'
