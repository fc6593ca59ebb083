/** How the palette finds: every word of the query must occur; a hit at the start of a name or of one of its parts counts more. Pure. */

export interface Match {
  readonly score: number
  /** Pieces of the text in order; those that were asked for are marked. */
  readonly pieces: readonly { readonly text: string; readonly isHit: boolean }[]
}

export function matchText(query: string, text: string): Match | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const lower = text.toLowerCase()
  const hits: [number, number][] = []
  let score = 0
  for (const word of words) {
    const at = bestPlace(lower, word)
    if (at < 0) return null
    score += at === 0 ? 3 : /[^a-z0-9]/.test(lower[at - 1] ?? '') ? 2 : 1
    hits.push([at, at + word.length])
  }
  return { score: score - text.length / 1000, pieces: cut(text, hits) }
}

function bestPlace(text: string, word: string): number {
  let at = text.indexOf(word)
  const first = at
  while (at > 0) {
    if (/[^a-z0-9]/.test(text[at - 1] ?? '')) return at
    at = text.indexOf(word, at + 1)
  }
  return at === 0 ? 0 : first
}

function cut(text: string, hits: [number, number][]): Match['pieces'] {
  const pieces: { text: string; isHit: boolean }[] = []
  let from = 0
  for (const [start, end] of hits.sort((left, right) => left[0] - right[0])) {
    if (end <= from) continue
    if (start > from) pieces.push({ text: text.slice(from, start), isHit: false })
    pieces.push({ text: text.slice(Math.max(from, start), end), isHit: true })
    from = end
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isHit: false })
  return pieces
}
