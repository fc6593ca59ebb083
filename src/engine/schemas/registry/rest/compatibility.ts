/** `/compatibility…`: whether a schema could be registered, without doing it. */
import { RegistryError, subjectNotFound, versionNotFound } from '../errors'
import type { StoredSchema } from '../model'
import { incompatibilityMessages } from '../operations/check-compatibility'
import { findVersion, liveVersions, parseVersion, resolveSubject } from '../operations/lookup'
import type { OperationContext } from '../operations/operation'
import { prepareSchema } from '../operations/prepare'
import { effectiveConfig } from '../operations/scopes'
import { schemaRequest } from './bodies'
import { jsonBody } from './request'
import { type Call, type Route, route } from './router'

export const compatibilityRoutes: readonly Route[] = [
  route('POST', 'compatibility/subjects/:subject/versions', againstAll),
  route('POST', 'compatibility/subjects/:subject/versions/:version', againstOne),
]

interface Verdict {
  readonly is_compatible: boolean
  readonly messages?: readonly string[]
}

function againstAll(call: Call): Promise<Verdict> {
  return call.registry.read((context) => {
    const subject = resolveSubject(context.state, call.param('subject'))
    return verdict(context, call, subject, liveVersions(context.state, subject))
  })
}

function againstOne(call: Call): Promise<Verdict> {
  const version = parseVersion(call.param('version'))
  return call.registry.read((context) => {
    const { state } = context
    const subject = resolveSubject(state, call.param('subject'))
    // With the latest of a subject that has none, everything is compatible; a number that is not there is an error.
    if (version === null) return verdict(context, call, subject, liveVersions(state, subject).slice(-1))
    try {
      return verdict(context, call, subject, [findVersion(state, subject, version, false)])
    } catch (error) {
      if (error instanceof RegistryError && error.errorCode === subjectNotFound(subject).errorCode) throw versionNotFound(version)
      throw error
    }
  })
}

function verdict(
  context: OperationContext,
  { query, request }: Call,
  subject: string,
  versions: readonly StoredSchema[],
): Verdict {
  const { state, schemas } = context
  const verbose = query.flag('verbose')
  const config = effectiveConfig(state, subject)
  const answer = (messages: readonly string[]): Verdict => ({
    is_compatible: messages.length === 0,
    ...(verbose ? { messages } : {}),
  })
  const asked = schemaRequest(jsonBody(request))
  try {
    const isNew = config.validateNewSchemas !== false
    const prepared = prepareSchema(state, schemas, subject, asked, { normalize: query.flag('normalize'), isNew, config })
    const question = { parsed: prepared.parsed, metadata: prepared.content.metadata, versions, config }
    return answer(incompatibilityMessages(question, state, schemas))
  } catch (error) {
    // Whoever asks why is told why, also of what is no schema.
    if (verbose && error instanceof RegistryError && error.errorCode === 42201) return answer([error.message])
    throw error
  }
}
