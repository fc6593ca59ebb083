/** The known word that somebody meant: the nearest by edits, and only if it is near. Pure. */

/** At most two slips in long words, one in short ones; letter case does not count as one. */
export function similar(word: string, known: Iterable<string>): string | null {
  const lower = word.toLowerCase()
  let best: string | null = null
  let bestDistance = word.length <= 4 ? 2 : 3
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue
    const found = distance(lower, candidate.toLowerCase(), bestDistance)
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; `limit` or more ends the count. */
function distance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, beforeLast[j - 2]! + 1)
      row.push(least)
    }
    if (Math.min(...row) >= limit) return limit
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
