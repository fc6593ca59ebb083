/** The calls about schemas over the fake registry. */
import { WorkbenchError } from '../../../shared/ipc/errors'
import { checkJson } from '../../features/messages/json/json-check'
import { prettyJson } from '../../features/messages/json/json-colors'
import type { Handlers } from './fake-host'
import { sampleOf } from './fake-schema-analysis'
import type { FakeSchemas } from './fake-schemas'

type SchemaCall = Exclude<Extract<keyof Handlers, `schemas.${string}`>, 'schemas.decode'>

export function schemaHandlers(schemas: FakeSchemas, tell: () => void): Pick<Handlers, SchemaCall> {
  const change = (act: () => void): undefined => {
    if (schemas.problem !== null) throw new WorkbenchError('expected', 'REGISTRY_DOWN', schemas.problem)
    act()
    schemas.revision++
    tell()
    return undefined
  }
  return {
    'schemas.registry': () => schemas.registry(),
    'schemas.subjects': ({ deleted }) => schemas.list(deleted),
    'schemas.searchTexts': ({ text }) => schemas.searchTexts(text),
    'schemas.subject': ({ subject }) => schemas.view(subject),
    'schemas.references': () => schemas.edges(),
    'schemas.byId': ({ id }) => schemas.byId(id),
    'schemas.analyse': ({ draft, sampleSeed }) => schemas.analyse(draft, sampleSeed),
    'schemas.changes': ({ older, newer }) => schemas.changes(schemas.textOf(older), schemas.textOf(newer)),
    'schemas.format': ({ language, text }) => {
      if (language === 'protobuf' || language === 'avro-idl') return { text }
      const wrong = checkJson(text)
      if (wrong) throw new WorkbenchError('expected', 'INVALID_SCHEMA', `Line ${wrong.line}: ${wrong.message}.`)
      return { text: prettyJson(text) }
    },
    'schemas.convert': ({ draft, to }) => ({
      text: to === 'avro-idl' ? `@namespace("com.acme.orders")\nprotocol Orders {\n  // ${draft.subject}\n}\n` : draft.text,
    }),
    'schemas.register': ({ draft }) => {
      if (schemas.problem !== null) throw new WorkbenchError('expected', 'REGISTRY_DOWN', schemas.problem)
      const result = schemas.register(draft)
      tell()
      return result
    },
    'schemas.evolution': ({ draft, topic, count }) => schemas.evolution(topic, draft, count),
    'schemas.sample': ({ draft, seed, count, message }) => ({
      samples: Array.from({ length: count }, (_, index) =>
        message === undefined ? sampleOf(draft.text, seed + index) : `{\n  "@type": "${message}",\n  "id": ${seed + index}\n}`,
      ),
      messages:
        draft.language === 'protobuf' ? [...draft.text.matchAll(/^message (\w+)/gm)].map(([, name]) => `shop.${name}`) : [],
    }),
    'schemas.inferFromTopic': ({ topic, language, count }) => schemas.infer(topic.replace(/\W/g, '_'), language, count),
    'schemas.inferFromJson': ({ name, language, text }) => {
      const wrong = checkJson(text)
      if (wrong)
        throw new WorkbenchError('expected', 'INVALID_JSON', `Line ${wrong.line}, column ${wrong.column}: ${wrong.message}.`)
      return schemas.infer(name, language, 1)
    },
    'schemas.code': ({ draft }) => ({ text: `export interface Schema {\n  // ${draft.subject}\n}\n` }),
    'schemas.setLevel': ({ subject, level }) =>
      change(() => {
        if (subject === null) schemas.level = level ?? 'BACKWARD'
        else schemas.need(subject).level = level
      }),
    'schemas.setMode': ({ subject, mode }) =>
      change(() => {
        if (subject === null) schemas.mode = mode ?? 'READWRITE'
        else schemas.need(subject).mode = mode
      }),
    'schemas.deleteVersion': ({ subject, version, permanent }) =>
      change(() => schemas.deleteVersion(subject, version, permanent)),
    'schemas.deleteSubject': ({ subject, permanent }) => change(() => schemas.deleteSubject(subject, permanent)),
    'schemas.restoreVersion': ({ subject, version }) => change(() => schemas.restore(subject, version)),
    'schemas.exportSubjects': ({ subjects }) => ({
      text: JSON.stringify(
        { subjects: (subjects ?? [...schemas.subjects.keys()]).map((subject) => schemas.view(subject)) },
        null,
        2,
      ),
    }),
    'schemas.importSubjects': ({ text }) => {
      if (checkJson(text)) throw new WorkbenchError('expected', 'INVALID_JSON', 'This is no export of subjects: it is not JSON.')
      return { imported: 1, unchanged: 0, refused: [] }
    },
    'schemas.validate': ({ json }) => {
      const wrong = checkJson(json)
      return { problem: wrong ? { path: '', message: `Line ${wrong.line}, column ${wrong.column}: ${wrong.message}.` } : null }
    },
  }
}
