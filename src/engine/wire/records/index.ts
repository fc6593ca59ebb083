/** Record batches: what storage, broker and clients take from here. */
export * from './batch-header'
export { compress, DECOMPRESSED_SIZE_MAX, decompress, initCompression } from './compression'
export { crc32c, isCrc32cNative } from './crc32c'
export { type DecodedRecord, decodeRecords, type RecordHeader } from './decode-records'
export { type BatchOptions, encodeBatch, type HeaderToEncode, type RecordToEncode } from './encode-batch'
export {
  type EndTxnMarker,
  type EndTxnMarkerBatch,
  encodeEndTxnMarker,
  endTxnMarkerBytesMax,
  parseEndTxnMarker,
  readEndTxnMarker,
} from './end-txn-marker'
