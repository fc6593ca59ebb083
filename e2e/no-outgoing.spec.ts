/**
 * Nothing leaves this computer. Two witnesses: Chromium's own network log, in which every request, name look-up and socket of the window
 * is written whether the page asked for it or Chromium did on its own errands; and the kernel's list of TCP connections of every process
 * of the app, main and its worker threads included, through a journey over all views.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Person } from './person'
import { expect, test } from './workbench-app'

interface NetLog {
  readonly constants: { readonly logEventTypes: Readonly<Record<string, number>> }
  readonly events: readonly { readonly type: number; readonly params?: Readonly<Record<string, unknown>> }[]
}

test('neither the page nor Chromium nor the cluster talks to anything but this computer', async ({ launch }) => {
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-netlog-'))
  const logFile = join(directory, 'net.json')
  const app = await launch({ args: [`--log-net-log=${logFile}`] })
  const witness = watchConnections(app.electron.process().pid ?? 0)
  const person = new Person(app.page)
  await person.untilHealthy()
  // Everything that the window can show, with something in it: what asks for nothing when it is empty may ask once it is not.
  await person.createTopic('orders')
  await person.produce('orders', { value: '{"link":"https://a.example/"}', format: 'json', count: 20 })
  await person.untilAcknowledged(20)
  await person.readAll('orders')
  await app.page.locator('[data-testid^="message-row-"]').filter({ visible: true }).first().click()
  for (const part of ['cluster', 'topics', 'produce', 'groups', 'schemas', 'metrics', 'clients', 'coordination', 'settings']) {
    await person.click(`rail-${part}`)
    await app.page.waitForTimeout(250)
  }
  for (const page of ['appearance', 'keys', 'cluster', 'security', 'sample', 'about']) {
    await person.click(`settings-page-${page}`)
  }
  // Chromium has had its time for errands after start by now, and gets some more.
  await app.page.waitForTimeout(1_000)
  const remotes = witness.stop()
  await app.electron.close()

  expect(remotes.filter((address) => !isLoopback(address))).toEqual([])
  const log = readNetLog(logFile)
  rmSync(directory, { recursive: true, force: true })
  expect(requestedUrls(log).filter((url) => !/^(?:app|devtools|data|blob|chrome|chrome-extension):/.test(url))).toEqual([])
  expect(lookedUpNames(log)).toEqual([])
})

/** The far ends of all connections that there are while it watches: those that last a moment are seen only by looking again and again. */
function watchConnections(pid: number) {
  const seen = new Set<string>()
  const look = () => {
    if (process.platform !== 'linux') return
    for (const address of remoteAddresses(processTree(pid))) seen.add(address)
  }
  const timer = setInterval(look, 200)
  return {
    stop(): readonly string[] {
      clearInterval(timer)
      look()
      return [...seen]
    },
  }
}

/** Chromium closes the list when it ends; one that was cut short ends in a comma. */
function readNetLog(path: string): NetLog {
  const text = readFileSync(path, 'utf8')
  try {
    return JSON.parse(text) as NetLog
  } catch {
    return JSON.parse(`${text.trimEnd().replace(/,$/, '')}]}`) as NetLog
  }
}

function paramsOf(log: NetLog, names: readonly string[]): Readonly<Record<string, unknown>>[] {
  const types = names.map((name) => log.constants.logEventTypes[name])
  return log.events.filter((event) => types.includes(event.type)).map((event) => event.params ?? {})
}

function requestedUrls(log: NetLog): string[] {
  return paramsOf(log, ['URL_REQUEST_START_JOB', 'CORS_REQUEST']).flatMap(({ url }) => (typeof url === 'string' ? [url] : []))
}

function lookedUpNames(log: NetLog): string[] {
  return paramsOf(log, ['HOST_RESOLVER_MANAGER_REQUEST', 'HOST_RESOLVER_MANAGER_JOB']).flatMap(({ host }) =>
    typeof host === 'string' ? [host] : [],
  )
}

function processTree(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      // "pid (name) state ppid …": the name may hold spaces and brackets.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(name)])
    } catch {
      // Gone meanwhile.
    }
  }
  const found = [pid]
  for (const one of found) {
    found.push(...(children.get(one) ?? []))
  }
  return found
}

/** The far ends of the TCP connections and UDP sockets that these processes hold, as the kernel writes them: hexadecimal, byte-swapped. */
function remoteAddresses(pids: readonly number[]): string[] {
  const inodes = new Set<string>()
  for (const pid of pids) {
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1]
        if (inode !== undefined) {
          inodes.add(inode)
        }
      }
    } catch {
      // Gone meanwhile.
    }
  }
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? ''))
      .map((fields) => fields[2] ?? ''),
  )
}

/** 127.x.x.x, ::1, the first inside IPv6, and nothing at all: a socket that listens or waits. */
function isLoopback(address: string): boolean {
  const host = address.split(':')[0] ?? ''
  return /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F|0+)$/.test(host)
}
