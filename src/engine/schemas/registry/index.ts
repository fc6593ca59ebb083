/** The registry's public face: the host's worker starts one and hands it requests; everybody else speaks REST to it. */
export { RegistryError } from './errors'
export { errorResponse, handleRequest } from './rest/handle'
export { contentTypeFor, type RestRequest, type RestResponse } from './rest/request'
export {
  type RegistryEvent,
  type RegistryPort,
  type RegistryStatus,
  SchemaRegistry,
  type SchemaRegistryOptions,
  schemasTopic,
} from './schema-registry'
