/**
 * Fuzz targets of the app around the engine: the window's calls, the settings of a workspace, and what a person types as a payload. Run with the
 * engine's by `npm run fuzz` and `npm test`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Workspace } from '../../cluster/workspace'
import { check, type FuzzTarget, orRefused, silentLogger } from '../../engine/testing/fuzz/fuzz-target'
import { mutateText } from '../../engine/testing/fuzz/mutations'
import { argumentSchemas, type CallName } from '../../shared/ipc/contract'
import { WorkbenchError } from '../../shared/ipc/errors'
import { encodePayload, previewPayload } from '../../workbench/payloads'
import { dispatch, type Services } from '../ipc/dispatch'

const CALLS: readonly string[] = [
  '["cluster.killBroker",{"brokerId":2}]',
  '["topics.create",{"name":"a","partitionCount":3,"replicationFactor":1,"configs":{"retention.ms":"1"}}]',
  '["topics.partitions",{"topic":null}]',
  '["messages.open",{"topic":"a","partitions":[0,1],"start":{"kind":"offset","offset":7},"limit":100}]',
  '["messages.open",{"topic":"a","partitions":null,"start":{"kind":"newest","count":100},"limit":100}]',
  '["messages.rows",{"readId":1,"from":0,"count":100}]',
  '["produce.start",{"topic":"a","partition":null,"key":{"format":"text","text":"k"},"value":{"format":"json","text":"{}"},"headers":[{"key":"h","value":{"format":"hex","text":"00"}}],"acks":-1,"timestamp":"1700000000000","compression":"zstd","count":1}]',
  '["app.copyText",{"text":"abc"}]',
  '["app.setTheme",{"theme":"dark"}]',
  '["cluster.view"]',
]

/** Whatever the page sends, it gets a reply, and a service sees only what the schema allows. */
const calls: FuzzTarget = {
  name: 'ipc/calls',
  share: 6,
  minimum: 50_000,
  seed: (random) => Buffer.from(random.pick(CALLS)),
  mutate: mutateText,
  async run(input) {
    const call = orRefused(() => JSON.parse(input.toString('utf8')) as unknown, SyntaxError)
    const [name, argument] = Array.isArray(call) ? (call as unknown[]) : [call, call]
    let isServed = false
    const serviceFor = async <N extends CallName>(called: N) =>
      ((given: unknown) => {
        isServed = true
        check(Object.hasOwn(argumentSchemas, called), 'only calls of the contract reach a service')
        check(given === undefined || (typeof given === 'object' && given !== null), 'a service is given an object, or nothing')
        return Promise.resolve(undefined)
      }) as unknown as Services[N]
    const reply = await dispatch(name, argument, serviceFor, silentLogger)
    check(reply.ok === isServed, 'a call reaches its service, or is refused')
    if (!reply.ok) check(reply.error.code === 'UNKNOWN_CALL' || reply.error.code === 'INVALID_ARGUMENT', 'a refusal says why')
  },
}

const SETTINGS: readonly string[] = [
  '{"version":1,"brokers":[{"id":1,"port":9092},{"id":2,"port":0}],"nextBrokerId":3,"coordinationPort":2181}',
  '{"version":1,"brokers":[],"nextBrokerId":1,"coordinationPort":null}',
]

let folder: string | null = null

/** One folder for all inputs of a thread: real files, since the workspace is the host's and not the engine's. */
function workspaceFolder(): string {
  if (folder === null) {
    const made = mkdtempSync(join(tmpdir(), 'broker-workbench-fuzz-'))
    folder = made
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  }
  return folder
}

const workspace: FuzzTarget = {
  name: 'cluster/workspace',
  share: 1,
  minimum: 20_000,
  seed: (random) => Buffer.from(random.pick(SETTINGS)),
  mutate: mutateText,
  run(input) {
    const directory = workspaceFolder()
    writeFileSync(join(directory, 'workspace.json'), input)
    const opened = orRefused(() => Workspace.open(directory), WorkbenchError)
    if (opened === undefined) return
    const { brokers, nextBrokerId } = opened.settings
    const arePorts = brokers.every(({ id, port }) => Number.isInteger(id) && port >= 0 && port <= 65_535)
    check(arePorts && nextBrokerId >= 1, 'settings that are taken can be used')
    opened.close()
  },
}

const FORMATS = ['text', 'json', 'hex', 'base64', 'null'] as const

/** The first byte says how the rest was typed. */
const payloads: FuzzTarget = {
  name: 'workbench/payloads',
  share: 12,
  minimum: 50_000,
  seed: (random) => Buffer.concat([random.bytes(1), Buffer.from(random.pick(['abc', '{"a":[1,2]}', '00 ff', 'AAEC', 'é', '']))]),
  mutate: mutateText,
  run(input) {
    const text = input.subarray(1).toString('utf8')
    const format = FORMATS[(input[0] ?? 0) % FORMATS.length]!
    const bytes = orRefused(() => encodePayload({ format, text }, 'value'), WorkbenchError)
    if (bytes !== undefined) previewPayload(bytes)
    const { byteLength, text: shown } = previewPayload(input)
    check(byteLength === input.length && shown.length <= 2_048, 'a preview is short, and says how much there is')
  },
}

export const appTargets: readonly FuzzTarget[] = [calls, workspace, payloads]
