/** Encoding of messages by schema: what the workbench may use of this folder. */
export { type CodecSchema, CodecSchemaError, compileCodec, type PayloadCodec } from './codec'
export { JsonNumber, type JsonObject, JsonSyntaxError, type JsonValue, parseJson, printJson, printJsonPretty } from './json-value'
export { messageTag, takeMessageTag, withMessageTag } from './protobuf/message-tag'
export { formatPath, type PathSegment, SerdeError } from './serde-error'
export {
  type ReferenceNameStrategy,
  referenceNameStrategies,
  referenceSubjectName,
  SubjectNameError,
  type SubjectNameInput,
  type SubjectNameStrategy,
  subjectName,
  subjectNameStrategies,
  subjectsOfTopic,
} from './subject-names'
export {
  type HeaderView,
  type MarkedPayload,
  type MessageIndexes,
  type RecordPart,
  readGuidHeader,
  readMark,
  readPrefix,
  readPrefixId,
  readProtobufPrefix,
  type SchemaMark,
  schemaIdHeaders,
  WireFormatError,
  writeGuidHeader,
  writePrefix,
} from './wire-format'
