/**
 * Remembers what was made of the last few texts. The fixes of one draft are asked for one difference at a time, and each call would read the
 * same texts again.
 */
const keptMax = 8

export function remembering<T>(make: (text: string) => T): (text: string) => T {
  const kept = new Map<string, T>()
  return (text) => {
    const made = kept.has(text) ? kept.get(text)! : make(text)
    kept.delete(text)
    kept.set(text, made)
    for (const oldest of kept.keys()) {
      if (kept.size <= keptMax) break
      kept.delete(oldest)
    }
    return made
  }
}
