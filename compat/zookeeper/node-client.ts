/** node-zookeeper-client against our coordination server: znodes, watches, a transaction, ACLs, a restart. Called by run.ts. */
import { createRequire } from 'node:module'

/** The part of the package's interface that is used here; it has no types of its own. */
interface Stat {
  readonly version: number
  readonly dataLength: number
}
type Callback<T extends unknown[]> = (error: Error | null, ...values: T) => void
type WatchCallback = (event: { getType(): number; getPath(): string }) => void
interface Client {
  once(event: 'connected' | 'disconnected', listener: () => void): void
  connect(): void
  close(): void
  create(path: string, data: Buffer | null, mode: number, callback: Callback<[string]>): void
  mkdirp(path: string, callback: Callback<[string]>): void
  getData(path: string, watcher: WatchCallback | null, callback: Callback<[Buffer, Stat]>): void
  setData(path: string, data: Buffer, version: number, callback: Callback<[Stat]>): void
  getChildren(path: string, watcher: WatchCallback | null, callback: Callback<[string[], Stat]>): void
  exists(path: string, watcher: WatchCallback | null, callback: Callback<[Stat | null]>): void
  remove(path: string, version: number, callback: Callback<[]>): void
  getACL(path: string, callback: Callback<[{ permission: number }[], Stat]>): void
  transaction(): Transaction
}
interface Transaction {
  create(path: string, data: Buffer): Transaction
  setData(path: string, data: Buffer): Transaction
  check(path: string, version: number): Transaction
  commit(callback: Callback<[unknown[]]>): void
}
interface Package {
  createClient(address: string, options: { sessionTimeout: number }): Client
  readonly CreateMode: { EPHEMERAL: number; PERSISTENT: number; PERSISTENT_SEQUENTIAL: number }
  readonly Event: { NODE_DATA_CHANGED: number; NODE_CHILDREN_CHANGED: number; NODE_CREATED: number }
}

const zookeeper = createRequire(__filename)('node-zookeeper-client') as Package

function promised<T extends unknown[]>(start: (callback: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    start((error, ...values) => (error === null || error === undefined ? resolve(values) : reject(error))),
  )
}

function check(name: string, condition: boolean): void {
  if (!condition) throw new Error(`FAILED node-zookeeper-client: ${name}`)
  console.log(`ok node-zookeeper-client: ${name}`)
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'none'
  } catch (error) {
    return (error as { name: string }).name
  }
}

export async function checkNodeClient(port: number, restartServer: () => Promise<void>): Promise<void> {
  const { CreateMode, Event } = zookeeper
  const client = zookeeper.createClient(`127.0.0.1:${port}`, { sessionTimeout: 8000 })
  const connected = new Promise<void>((resolve) => client.once('connected', resolve))
  client.connect()
  await connected

  await promised((callback) => client.mkdirp('/node/deep/path', callback))
  const [created] = await promised<[string]>((callback) =>
    client.create('/node/n-', Buffer.from('1'), CreateMode.PERSISTENT_SEQUENTIAL, callback),
  )
  check('a sequential znode', created === '/node/n-0000000001')
  await promised<[string]>((callback) => client.create('/node/mine', Buffer.from('e'), CreateMode.EPHEMERAL, callback))

  const events: number[] = []
  const [data, stat] = await promised<[Buffer, Stat]>((callback) =>
    client.getData('/node/mine', (event) => events.push(event.getType()), callback),
  )
  check('data and stat', data.toString() === 'e' && stat.version === 0)
  await promised<[string[], Stat]>((callback) => client.getChildren('/node', (event) => events.push(event.getType()), callback))
  const [missing] = await promised<[Stat | null]>((callback) =>
    client.exists('/node/late', (event) => events.push(event.getType()), callback),
  )
  check('exists on a missing znode', missing === null)
  await promised<[Stat]>((callback) => client.setData('/node/mine', Buffer.from('new'), 0, callback))
  await promised<[string]>((callback) => client.create('/node/late', null, CreateMode.PERSISTENT, callback))
  const wanted = [Event.NODE_DATA_CHANGED, Event.NODE_CREATED, Event.NODE_CHILDREN_CHANGED]
  check('watches in order', events.join() === wanted.join())
  check(
    'a wrong version',
    (await codeOf(promised<[Stat]>((callback) => client.setData('/node/mine', Buffer.from('x'), 9, callback)))) === 'BAD_VERSION',
  )
  check('children below', (await codeOf(promised((callback) => client.remove('/node', -1, callback)))) === 'NOT_EMPTY')

  await promised<[unknown[]]>((callback) =>
    client.transaction().create('/node/tx', Buffer.from('t')).setData('/node/late', Buffer.from('by tx')).commit(callback),
  )
  const failing = promised<[unknown[]]>((callback) =>
    client.transaction().create('/node/never', Buffer.alloc(0)).check('/node/tx', 7).commit(callback),
  )
  check('a failing transaction', (await codeOf(failing)) === 'BAD_VERSION')
  const [never] = await promised<[Stat | null]>((callback) => client.exists('/node/never', null, callback))
  check('changes nothing', never === null)
  const [acls] = await promised<[{ permission: number }[], Stat]>((callback) => client.getACL('/node', callback))
  check('the open ACL', acls.length === 1 && acls[0]?.permission === 31)

  const lost = new Promise<void>((resolve) => client.once('disconnected', resolve))
  const back = lost.then(() => new Promise<void>((resolve) => client.once('connected', resolve)))
  await restartServer()
  await back
  const [kept] = await promised<[Buffer, Stat]>((callback) => client.getData('/node/mine', null, callback))
  check('its ephemeral outlives a restart of the server', kept.toString() === 'new')
  client.close()
}
