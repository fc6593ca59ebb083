/** `/config…` and `/mode…`, of a subject, a context, or globally. */
import { configOf, deleteConfig, deleteMode, modeOf, scopeOf, updateConfig, updateMode } from '../operations/configure'
import { requireValidScope } from '../subject-name'
import { configBody } from './bodies'
import { readConfigRequest } from './config-request'
import { jsonBody } from './request'
import { type Call, type Route, route } from './router'

export const configAndModeRoutes: readonly Route[] = [
  route('GET', 'config', (call) => getConfig(call, null)),
  route('PUT', 'config', (call) => putConfig(call, null)),
  route('DELETE', 'config', (call) => removeConfig(call, null)),
  route('GET', 'config/:subject', (call) => getConfig(call, call.param('subject'))),
  route('PUT', 'config/:subject', (call) => putConfig(call, call.param('subject'))),
  route('DELETE', 'config/:subject', (call) => removeConfig(call, call.param('subject'))),
  route('GET', 'mode', (call) => getMode(call, null)),
  route('PUT', 'mode', (call) => putMode(call, null)),
  route('DELETE', 'mode', (call) => removeMode(call, null)),
  route('GET', 'mode/:subject', (call) => getMode(call, call.param('subject'))),
  route('PUT', 'mode/:subject', (call) => putMode(call, call.param('subject'))),
  route('DELETE', 'mode/:subject', (call) => removeMode(call, call.param('subject'))),
]

function getConfig({ registry, query }: Call, subject: string | null): Promise<object> {
  return registry.read(({ state }) => configBody(configOf(state, scopeOf(subject), query.flag('defaultToGlobal'))))
}

/** The answer is what was sent, under the names under which it was sent: `compatibility`, not `compatibilityLevel`. */
async function putConfig({ registry, request }: Call, subject: string | null): Promise<object> {
  const body = readConfigRequest(jsonBody(request))
  if (subject !== null) requireValidScope(subject)
  await registry.write((context) => updateConfig(context, scopeOf(subject), body))
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => name !== 'compatibilityLevel' && value !== null))
}

async function removeConfig({ registry }: Call, subject: string | null): Promise<object> {
  return configBody(await registry.write((context) => deleteConfig(context, scopeOf(subject))))
}

async function getMode({ registry, query }: Call, subject: string | null): Promise<object> {
  return { mode: await registry.read(({ state }) => modeOf(state, scopeOf(subject), query.flag('defaultToGlobal'))) }
}

async function putMode({ registry, query, request }: Call, subject: string | null): Promise<object> {
  const { mode } = jsonBody(request)
  if (subject !== null) requireValidScope(subject)
  return { mode: await registry.write((context) => updateMode(context, scopeOf(subject), mode, query.flag('force'))) }
}

async function removeMode({ registry, query }: Call, subject: string | null): Promise<object> {
  return { mode: await registry.write((context) => deleteMode(context, scopeOf(subject), query.flag('recursive'))) }
}
