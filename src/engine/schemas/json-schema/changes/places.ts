/** Changes by their places on either side, so that each difference finds its own without asking all of them. Pure; for changes/index.ts. */
import { pointerOf } from '../../json-text'
import type { Told } from './walk'

type Segments = readonly string[]

/** A place in the older and the newer text. */
export interface Place {
  readonly older: Segments | null
  readonly newer: Segments | null
}

export class Places<T extends Place = Told> {
  private readonly exact = new Map<string, T[]>()
  private readonly within = new Map<string, T[]>()

  constructor(entries: readonly T[]) {
    for (const entry of entries) {
      for (const [side, path] of sides(entry)) {
        add(this.exact, keyOf(side, path), entry)
        for (let length = 0; length <= path.length; length++) add(this.within, keyOf(side, path.slice(0, length)), entry)
      }
    }
  }

  /** At the place or around it, on either side. */
  around(place: Place): readonly T[] {
    const found = new Set<T>()
    for (const [side, path] of sides(place)) {
      for (let length = 0; length <= path.length; length++) {
        for (const entry of this.exact.get(keyOf(side, path.slice(0, length))) ?? []) found.add(entry)
      }
    }
    return [...found]
  }

  /** At the place or inside of it, on either side. */
  inside(place: Place): readonly T[] {
    return [...new Set(sides(place).flatMap(([side, path]) => this.within.get(keyOf(side, path)) ?? []))]
  }

  /** Exactly there: in the newer text, or in the older where the newer has no such place. */
  at({ older, newer }: Place): readonly T[] {
    const key = newer === null ? keyOf('older', older ?? []) : keyOf('newer', newer)
    return this.exact.get(key) ?? []
  }
}

type Side = 'older' | 'newer'

const sides = ({ older, newer }: Place): readonly (readonly [Side, Segments])[] => [
  ...(older === null ? [] : [['older', older] as const]),
  ...(newer === null ? [] : [['newer', newer] as const]),
]

const keyOf = (side: Side, path: Segments): string => `${side}${pointerOf(path)}`

function add<T>(map: Map<string, T[]>, key: string, entry: T): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [entry])
  else if (known[known.length - 1] !== entry) known.push(entry)
}
