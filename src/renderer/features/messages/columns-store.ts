/** Which columns a topic's messages have, in which order and how wide: kept for each topic on this computer. */
import { defineStore } from 'pinia'
import { reactive, watch } from 'vue'
import { parsePath } from '../../../shared/json-field'

export interface FieldColumn {
  readonly part: 'key' | 'value'
  readonly path: string
}

export interface ColumnLayout {
  /** Shown in place of the whole value, in this order. */
  readonly fields: readonly FieldColumn[]
  /** Whether the whole value stands beside them. */
  readonly hasValue: boolean
  /** Pixels by the key of a column; what is absent has its own. */
  readonly widths: Readonly<Record<string, number>>
}

const storageKey = 'messages.columns'
const topicsMax = 500
const none: ColumnLayout = { fields: [], hasValue: true, widths: {} }

export const fieldKey = ({ part, path }: FieldColumn): string => `field ${part} ${path}`

export const useColumnsStore = defineStore('columns', () => {
  const layouts = reactive(new Map<string, ColumnLayout>(read()))
  watch(layouts, () => {
    const entries = [...layouts].slice(-topicsMax)
    localStorage.setItem(storageKey, JSON.stringify(entries))
  })

  const of = (topic: string): ColumnLayout => layouts.get(topic) ?? none
  function change(topic: string, change: Partial<ColumnLayout>): void {
    const next = { ...of(topic), ...change }
    layouts.delete(topic)
    layouts.set(topic, next)
  }

  return {
    of,
    change,
    toggle(topic: string, field: FieldColumn): void {
      const { fields } = of(topic)
      const rest = fields.filter((each) => fieldKey(each) !== fieldKey(field))
      const isAdded = rest.length === fields.length
      change(topic, {
        fields: isAdded ? [...fields, field] : rest,
        ...(isAdded && fields.length === 0 ? { hasValue: false } : {}),
        ...(!isAdded && rest.length === 0 ? { hasValue: true } : {}),
      })
    },
    move(topic: string, from: number, by: 1 | -1): void {
      const fields = [...of(topic).fields]
      const [moved] = fields.splice(from, 1)
      if (!moved || from + by < 0 || from + by > fields.length) return
      fields.splice(from + by, 0, moved)
      change(topic, { fields })
    },
    resize: (topic: string, key: string, width: number): void =>
      change(topic, { widths: { ...of(topic).widths, [key]: Math.round(width) } }),
  }
})

/** What was kept, as far as it can be read. */
function read(): [string, ColumnLayout][] {
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? '[]') as [string, ColumnLayout][]
    return kept.filter(
      ([topic, layout]) =>
        typeof topic === 'string' &&
        layout.fields.every(({ path }) => parsePath(path) !== null) &&
        typeof layout.widths === 'object',
    )
  } catch {
    return []
  }
}
