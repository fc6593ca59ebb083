/** All that a message file needs to declare an API. */
export {
  type AnyApi,
  type AnyCodec,
  type Api,
  type Codec,
  defineApi,
  type Encodable,
  type RequestOf,
  type ResponseOf,
} from './api'
export {
  array,
  bool,
  bytes,
  float64,
  int8,
  int16,
  int32,
  int64,
  int64n,
  records,
  string,
  struct,
  uint16,
  uint32,
  uuid,
} from './fields'
