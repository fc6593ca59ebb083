/**
 * One topic's read as the view has it: what was asked, how far it is, and the rows in sight fetched page by page. A new read replaces the
 * one before; answers and progress that belong to an older one are dropped. Made by MessagesView, one a topic tab.
 */
import { computed, reactive, ref, shallowRef } from 'vue'
import type { CallResults } from '../../../shared/ipc/contract'
import { WorkbenchError } from '../../../shared/ipc/errors'
import type { MessageDetail, MessageRow, ReadProgress, ReadRequest } from '../../../shared/model/messages'
import type { Host } from '../../host/host'
import type { RowSource } from '../../ui'
import { messageOf } from '../cluster/store'
import type { FieldColumn } from './columns-store'
import { pageSize, RowPages } from './row-pages'
import { dayOf } from './timestamps'

/** More at once only queues up behind what nobody looks at any more. */
const callsMax = 3
/** Rows at the end of a live read that are fetched ahead before it is known how many fit. */
const tailMin = 60

export function createMessageRead(host: Host, fields: () => readonly FieldColumn[] = () => []) {
  const pages = new RowPages()
  const pagesVersion = ref(0)
  const request = shallowRef<ReadRequest | null>(null)
  const progress = shallowRef<ReadProgress | null>(null)
  /** Why the read could not be started, or its rows not be had. */
  const failure = ref<string | null>(null)
  const isOpening = ref(false)
  /** The days of the rows seen so far: with more than one, rows show theirs. */
  const days = reactive(new Set<string>())
  /** Some row seen so far carries the id of a schema. */
  const hasSchemas = ref(false)
  let readId: number | null = null
  let generation = 0
  let inSight = { first: 0, last: 0 }
  let callCount = 0
  /** Progress of a live read whose newest rows are being fetched. */
  let coming: ReadProgress | null = null
  let isAdvancing = false
  /** Progress may come before the answer that names its read. */
  const early = new Map<number, ReadProgress>()

  const state = computed<ReadProgress['state'] | 'idle'>(() => {
    if (failure.value !== null) return 'failed'
    if (isOpening.value) return request.value?.start.kind === 'live' ? 'live' : 'reading'
    return progress.value?.state ?? 'idle'
  })
  const isRunning = computed(() => state.value === 'reading' || state.value === 'live')
  const first = computed(() => progress.value?.droppedCount ?? 0)
  const end = computed(() => progress.value?.rowCount ?? 0)
  const rowCount = computed(() => Math.max(0, end.value - first.value))

  /** What the table draws: places from 0, of which only those in memory have a row. */
  const rows = computed<RowSource<MessageRow>>(() => {
    void pagesVersion.value
    const from = first.value
    return {
      length: rowCount.value,
      at: (place) => pages.row(from + place),
      indexOfKey: (key) => (typeof key === 'number' && key >= from && key < from + rowCount.value ? key - from : -1),
      keyAt: (place) => from + place,
    }
  })

  const stops = [
    host.on('messages.progress', (next) => {
      if (next.readId === readId) accept(next)
      else if (isOpening.value) early.set(next.readId, next)
    }),
    // What is in memory stays; the rest of it, and what was still to come, can only be read again.
    host.on('app.clientsEnded', ({ reason }) => {
      if (readId === null) return
      readId = null
      coming = null
      failure.value = `The read is gone: the clients worker died (${reason}). Read again.`
    }),
  ]

  function accept(next: ReadProgress): void {
    const isEndInSight = inSight.last >= rowCount.value - 2
    if (next.state === 'live' && next.rowCount > end.value && isEndInSight) {
      coming = next
      if (!isAdvancing) void advance()
      return
    }
    coming = null
    progress.value = next
    fetch()
  }

  /**
   * While the end of a live read is in sight, its newest rows are fetched before the table is told of them: at some hundred a second it
   * would otherwise show nothing but rows that are still on their way. What comes meanwhile is taken together in the next step.
   */
  async function advance(): Promise<void> {
    isAdvancing = true
    while (coming !== null && coming.readId === readId) {
      const next = coming
      const bounds = { from: next.droppedCount, to: next.rowCount }
      const inSightCount = Math.max(tailMin, inSight.last - inSight.first + 1)
      const calls: Promise<void>[] = []
      for (let page = Math.floor(Math.max(bounds.from, bounds.to - inSightCount) / pageSize); page * pageSize < bounds.to; page++)
        calls.push(fetchPage(next.readId, page, bounds))
      await Promise.all(calls)
      // A read that stopped or was replaced meanwhile has said so itself.
      if (coming === null || next.readId !== readId) break
      progress.value = next
      if (coming === next) coming = null
    }
    isAdvancing = false
  }

  async function start(next: ReadRequest): Promise<void> {
    const mine = ++generation
    const before = readId
    readId = null
    if (before !== null) void host.call('messages.close', { readId: before }).catch(() => undefined)
    request.value = next
    progress.value = null
    failure.value = null
    isOpening.value = true
    inSight = { first: 0, last: 0 }
    coming = null
    pages.clear()
    days.clear()
    hasSchemas.value = false
    early.clear()
    pagesVersion.value++
    try {
      const opened = await host.call('messages.open', {
        ...next,
        partitions: next.partitions === null ? null : [...next.partitions],
      })
      if (mine !== generation) {
        void host.call('messages.close', opened).catch(() => undefined)
        return
      }
      readId = opened.readId
      isOpening.value = false
      const told = early.get(opened.readId)
      early.clear()
      if (told) accept(told)
      else progress.value ??= nothingYet(opened.readId, next)
    } catch (error) {
      if (mine !== generation) return
      isOpening.value = false
      failure.value = messageOf(error)
    }
  }

  function nothingYet(id: number, of: ReadRequest): ReadProgress {
    const kind = of.start.kind === 'live' ? 'live' : 'reading'
    return {
      readId: id,
      state: kind,
      rowCount: 0,
      droppedCount: 0,
      bytesRead: 0,
      scannedCount: 0,
      expectedCount: null,
      canContinue: false,
      elapsedMs: 0,
      error: null,
    }
  }

  async function halt(): Promise<void> {
    if (readId === null) return
    try {
      await host.call('messages.stop', { readId })
    } catch (error) {
      failure.value = messageOf(error)
    }
  }

  /** Reads on where the read ended, for so many records more. */
  async function readMore(count: number): Promise<void> {
    if (readId === null) return
    try {
      await host.call('messages.continue', { readId, count })
    } catch (error) {
      failure.value = messageOf(error)
    }
  }

  /** The rows stay, what they show does not: other columns. */
  function refetch(): void {
    pages.clear()
    pagesVersion.value++
    fetch()
  }

  /** Places `from` to `to` of the table are in sight. */
  function look(from: number, to: number): void {
    inSight = { first: from, last: to }
    fetch()
  }

  function fetch(): void {
    const id = readId
    if (id === null) return
    const missing = pages.missing(first.value + inSight.first, first.value + inSight.last, { from: first.value, to: end.value })
    for (const page of missing) {
      if (callCount >= callsMax) return
      void fetchPage(id, page)
    }
  }

  /** Columns of fields are asked for with their rows. */
  function asked(): { fields?: { part: 'key' | 'value'; path: string }[] } {
    const wanted = fields()
    return wanted.length === 0 ? {} : { fields: wanted.map(({ part, path }) => ({ part, path })) }
  }

  async function fetchPage(id: number, page: number, bounds = { from: first.value, to: end.value }): Promise<void> {
    const from = Math.max(bounds.from, page * pageSize)
    const to = Math.min(bounds.to, (page + 1) * pageSize)
    pages.ask(page)
    callCount++
    let fetched: readonly MessageRow[] | null = null
    try {
      fetched = await host.call('messages.rows', { readId: id, from, count: to - from, ...asked() })
    } catch (error) {
      if (id === readId) failure.value = messageOf(error)
    }
    callCount--
    if (id !== readId) return fetch()
    pages.put(page, fetched)
    for (const row of fetched ?? []) {
      if (row.decodedKey !== null || row.decodedValue !== null) hasSchemas.value = true
      const day = dayOf(row.timestamp)
      if (day !== null && days.size < 2) days.add(day)
    }
    pagesVersion.value++
    // What came into sight meanwhile; a page that came back empty is not asked for at once again.
    if (fetched !== null && fetched.length > 0) fetch()
  }

  /** The whole record; null where it is not kept any more. Throws what else goes wrong. */
  async function detail(index: number): Promise<MessageDetail | null> {
    if (readId === null) return null
    try {
      return await host.call('messages.detail', { readId, index })
    } catch (error) {
      if (error instanceof WorkbenchError && error.code === 'ROW_GONE') return null
      throw error
    }
  }

  /** Key and value seen through the schemas whose ids they carry. Throws what goes wrong. */
  async function decode(index: number): Promise<CallResults['schemas.decode'] | null> {
    return readId === null ? null : await host.call('schemas.decode', { readId, index })
  }

  function dispose(): void {
    for (const stop of stops) stop()
    generation++
    if (readId !== null) void host.call('messages.close', { readId }).catch(() => undefined)
    readId = null
  }

  return {
    request,
    progress,
    failure,
    state,
    isRunning,
    rows,
    rowCount,
    first,
    end,
    days,
    hasSchemas,
    heldRowCount: (): number => pages.rowCount,
    start,
    halt,
    readMore,
    refetch,
    openReadId: (): number | null => readId,
    look,
    detail,
    decode,
    dispose,
  }
}

export type MessageRead = ReturnType<typeof createMessageRead>
