/**
 * What the registry refuses, with Confluent's codes and sentences (registry-and-coordination section 1.2; people grep for these words).
 * Thrown by the rules of this folder and turned into an answer at one place, rest/answer.ts; anything else that is thrown is a fault of ours.
 */

export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  /** `errorCode` is what the body says; the HTTP status is its first three digits, or itself. */
  constructor(
    readonly errorCode: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  get status(): number {
    return this.errorCode >= 10_000 ? Math.floor(this.errorCode / 100) : this.errorCode
  }
}

/** `allowed`: what the path can be asked with, which the answer has to say (RFC 9110, 15.5.6). */
export class MethodNotAllowed extends RegistryError {
  constructor(readonly allowed: readonly string[]) {
    super(405, 'HTTP 405 Method Not Allowed')
  }
}

export const notFound = () => new RegistryError(404, 'HTTP 404 Not Found')
export const badRequest = (why: string) => new RegistryError(400, why)

export const subjectNotFound = (subject: string) => new RegistryError(40401, `Subject '${subject}' not found.`)
export const versionNotFound = (version: number | string) => new RegistryError(40402, `Version ${version} not found.`)
export const schemaNotFound = () => new RegistryError(40403, 'Schema not found')
export const schemaIdNotFound = (id: number | string) => new RegistryError(40403, `Schema ${id} not found`)
export const subjectSoftDeleted = (subject: string) =>
  new RegistryError(40404, `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`)
export const subjectNotSoftDeleted = (subject: string) =>
  new RegistryError(40405, `Subject '${subject}' was not deleted first before being permanently deleted`)
export const versionSoftDeleted = (subject: string, version: number) =>
  new RegistryError(40406, `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`)
export const versionNotSoftDeleted = (subject: string, version: number) =>
  new RegistryError(40407, `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`)
export const noSubjectLevel = (subject: string) =>
  new RegistryError(40408, `Subject '${subject}' does not have subject-level compatibility configured`)
export const noSubjectMode = (subject: string) =>
  new RegistryError(40409, `Subject '${subject}' does not have subject-level mode configured`)
export const associationNotFound = (what: string) => new RegistryError(40410, `Association for ${what} not found.`)

export const incompatible = (subject: string, messages: readonly string[]) =>
  new RegistryError(
    40901,
    `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${messages.join(', ')}]`,
  )
export const associationConflict = (message: string) => new RegistryError(40902, message)

export const invalidSchema = (details: string) => new RegistryError(42201, details)
export const invalidVersion = (given: string) =>
  new RegistryError(
    42202,
    `The specified version '${given}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  )
export const invalidLevel = () =>
  new RegistryError(
    42203,
    'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
  )
export const invalidMode = () =>
  new RegistryError(42204, 'Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT and FORWARD')
export const notPermitted = (message: string) => new RegistryError(42205, message)
export const referenceExists = (subject: string, version: number) =>
  new RegistryError(
    42206,
    `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
  )
export const invalidSubject = (subject: string) => new RegistryError(42208, `The specified subject '${subject}' is not a valid.`)
export const schemaTooLarge = (sizeInBytes: number, bytesMax: number) =>
  new RegistryError(
    42209,
    `Write failed because schema is too large: its record has ${sizeInBytes} bytes, and the brokers take ${bytesMax} at most`,
  )
export const contextNotEmpty = (context: string) => new RegistryError(42211, `The specified context '${context}' is not empty.`)
export const invalidAssociation = (message: string) => new RegistryError(42212, message)

export const storeError = (message: string, cause?: unknown) => new RegistryError(50001, message, { cause })
export const storeTimeout = (message: string, cause?: unknown) => new RegistryError(50002, message, { cause })
