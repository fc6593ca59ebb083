/**
 * A payload that is JSON written with a schema of the registry: which subjects and versions there are, a sample to begin with, and whether
 * the text can be written with it. Checked at pauses of typing, before anything is sent; answers about an older text are dropped.
 */
import { findNodeAtLocation, parseTree } from 'jsonc-parser'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { hasTemplate, withStandIns } from '../../../shared/lang/template'
import type { PayloadInput } from '../../../shared/model/producing'
import type { SchemaVersionView, SubjectView } from '../../../shared/model/schemas'
import { useHost } from '../../host/host'
import { messageOf } from '../cluster/store'
import { languageOf, latestOf, liveVersions } from '../schemas/document'
import { useSchemasStore } from '../schemas/store'
import { type PayloadProblem, payloadProblem, problemAt } from './produce-form'

export type SchemaPayload = Extract<PayloadInput, { readonly format: 'schema' }>

const pauseMs = 200

/** `/items/0/sku`, `$.items[0].sku` and `items.0.sku` alike. */
export function pathSegments(path: string): (string | number)[] {
  const parts = path.startsWith('/')
    ? path
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    : path.replace(/^[$#]\/?\.?/, '').split(/[.[\]/]+/)
  return parts.filter((part) => part !== '').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** Where in the JSON a path stands; the beginning where it is not there. */
export function placeOf(text: string, path: string): { readonly from: number; readonly to: number } {
  const tree = parseTree(text)
  const segments = pathSegments(path)
  for (let length = segments.length; tree && length >= 0; length--) {
    const node = findNodeAtLocation(tree, segments.slice(0, length))
    if (node) return { from: node.offset, to: length === 0 ? node.offset + 1 : node.offset + node.length }
  }
  return { from: 0, to: 1 }
}

export function useSchemaPayload(payload: () => PayloadInput, topic: () => string, part: 'key' | 'value') {
  const host = useHost()
  const schemas = useSchemasStore()
  const view = shallowRef<SubjectView | null>(null)
  const loadError = ref<string | null>(null)
  const found = shallowRef<{ readonly question: string; readonly problem: PayloadProblem | null } | null>(null)
  const isChecking = ref(false)
  /** Of a Protobuf file. */
  const messages = shallowRef<readonly string[]>([])
  const seed = ref(0)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))

  const chosen = computed(() => {
    const input = payload()
    return input.format === 'schema' ? input : null
  })
  const named = computed(() => `${topic()}-${part}`)

  async function load(subject: string): Promise<SubjectView | null> {
    try {
      const answer = await host.call('schemas.subject', { subject })
      if (chosen.value?.subject === subject) {
        view.value = answer
        loadError.value = null
      }
      return answer
    } catch (error) {
      if (chosen.value?.subject === subject) {
        view.value = null
        loadError.value = messageOf(error)
      }
      return null
    }
  }
  watch([() => chosen.value?.subject, () => schemas.registry?.revision], ([subject]) => void (subject && load(subject)), {
    immediate: true,
  })

  /** One that can be registered anew with the same question asked again. */
  const questionOf = ({ subject, version, text }: SchemaPayload): string =>
    JSON.stringify([subject, version, text, schemas.registry?.revision])

  async function check(input: SchemaPayload): Promise<void> {
    const mine = ++turn
    const question = questionOf(input)
    try {
      // What templates stand for is what the first message has.
      const isFilled = hasTemplate(input.text)
      const json = isFilled ? (await host.call('produce.fillIn', { text: input.text, seed: 1, isJson: true })).text : input.text
      const { problem } = await host.call('schemas.validate', { subject: input.subject, version: input.version, json })
      if (mine !== turn) return
      const place = problem ? placeOf(withStandIns(input.text), problem.path) : null
      found.value = {
        question,
        problem:
          problem &&
          place &&
          problemAt(
            input.text,
            place.from,
            problem.path === '' || problem.message.includes(problem.path)
              ? problem.message
              : `${problem.path}: ${problem.message}`,
            place.to,
          ),
      }
    } catch (error) {
      if (mine === turn) found.value = { question, problem: problemAt(input.text, 0, messageOf(error)) }
    }
    if (mine === turn) isChecking.value = false
  }
  watch(
    () => (chosen.value ? questionOf(chosen.value) : null),
    () => {
      clearTimeout(timer)
      const input = chosen.value
      isChecking.value = input !== null && input.subject !== '' && payloadProblem(input) === null
      if (input && isChecking.value) timer = setTimeout(() => void check(input), pauseMs)
    },
    { immediate: true },
  )

  /** JSON of the chosen version, another one each time it is asked for. `message`: which one of a Protobuf file, whose name then stands in the text. */
  async function sample(subject: string, version: number | null, message: string | null = null): Promise<string | null> {
    const answer = view.value?.subject === subject ? view.value : await load(subject)
    const schema = answer && versionIn(answer, version)
    if (!schema) return null
    const draft = {
      subject,
      language: languageOf(schema.type),
      text: schema.text,
      references: schema.references.map((each) => ({ ...each })),
    }
    try {
      const asked = message === null ? {} : { message }
      const { samples, messages: names } = await host.call('schemas.sample', { draft, seed: ++seed.value, count: 1, ...asked })
      if (chosen.value?.subject === subject) messages.value = names
      return samples[0] ?? null
    } catch (error) {
      loadError.value = messageOf(error)
      return null
    }
  }

  const resolved = computed(() =>
    view.value && chosen.value && view.value.subject === chosen.value.subject
      ? versionIn(view.value, chosen.value.version)
      : null,
  )
  watch(
    () => resolved.value?.id,
    () => {
      messages.value = []
      const schema = resolved.value
      if (schema?.type === 'PROTOBUF') void sample(schema.subject, schema.version)
    },
    { immediate: true },
  )

  return {
    isChecking,
    loadError,
    sample,
    messages,
    /** What the topic's own subject is, where there is one. */
    defaultSubject: computed(() => (schemas.bySubject.has(named.value) ? named.value : '')),
    subjectOptions: computed(() => {
      const all = schemas.subjects.filter((each) => !each.isDeleted)
      const own = all.filter((each) => each.subject === named.value)
      return [...own, ...all.filter((each) => each.subject !== named.value)].map((each) => ({
        value: each.subject,
        label: each.subject,
        hint: `v${each.latestVersion}`,
      }))
    }),
    versionOptions: computed(() => [
      { value: '', label: view.value ? `latest, v${latestOf(view.value)?.version ?? '–'}` : 'latest' },
      ...[...liveVersions(view.value)]
        .reverse()
        .map((each) => ({ value: String(each.version), label: `v${each.version}`, hint: `id ${each.id}` })),
    ]),
    resolved,
    /** null: nothing wrong that is known yet. */
    problem: computed<PayloadProblem | null>(() => {
      const input = chosen.value
      if (!input) return null
      if (input.subject === '') return problemAt(input.text, 0, 'Choose the subject that it is written with.')
      if (loadError.value) return problemAt(input.text, 0, loadError.value)
      return found.value?.question === questionOf(input) ? found.value.problem : null
    }),
  }
}

const versionIn = (view: SubjectView, version: number | null): SchemaVersionView | null =>
  version === null ? latestOf(view) : (view.versions.find((each) => each.version === version) ?? null)
