/** Maximum matching between two sides, by augmenting paths (Kuhn): which branch of one combinator stands for which of another. Pure. */

/** `edges[left]` are the right sides that this left one may take. Answers the right side of each left one, or null. */
export function maximumMatching(edges: readonly (readonly number[])[], rightCount: number): readonly (number | null)[] {
  const leftOf: (number | null)[] = new Array(rightCount).fill(null)
  const assign = (left: number, seen: Set<number>): boolean => {
    for (const right of edges[left] ?? []) {
      if (seen.has(right)) continue
      seen.add(right)
      const holder = leftOf[right] ?? null
      if (holder === null || assign(holder, seen)) {
        leftOf[right] = left
        return true
      }
    }
    return false
  }
  for (const left of edges.keys()) assign(left, new Set())
  const rightOf: (number | null)[] = edges.map(() => null)
  for (const [right, left] of leftOf.entries()) if (left !== null) rightOf[left] = right
  return rightOf
}
