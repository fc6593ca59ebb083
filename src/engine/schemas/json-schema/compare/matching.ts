/**
 * Maximum matching between two sides, by augmenting paths (Kuhn): which branch of one combinator stands for which of another. Asks of a pair
 * whether it fits only when it has to: versions of a schema mostly have their branches in the same order, and each question is a comparison.
 * Pure but for `fits`.
 */

/** Answers the right side of each left one, or null. `fits` is asked at most once a pair. */
export function maximumMatching(
  leftCount: number,
  rightCount: number,
  fits: (left: number, right: number) => boolean,
): readonly (number | null)[] {
  const leftOf: (number | null)[] = new Array(rightCount).fill(null)
  const rightOf: (number | null)[] = new Array(leftCount).fill(null)
  const asked = new Map<number, boolean>()
  const edge = (left: number, right: number): boolean => {
    const key = left * rightCount + right
    let answer = asked.get(key)
    if (answer === undefined) {
      answer = fits(left, right)
      asked.set(key, answer)
    }
    return answer
  }
  const pair = (left: number, right: number): void => {
    leftOf[right] = left
    rightOf[left] = right
  }
  for (let index = 0; index < Math.min(leftCount, rightCount); index++) if (edge(index, index)) pair(index, index)

  const assign = (left: number, seen: Set<number>): boolean => {
    for (let right = 0; right < rightCount; right++) {
      if (seen.has(right) || !edge(left, right)) continue
      seen.add(right)
      const holder = leftOf[right] ?? null
      if (holder === null || assign(holder, seen)) {
        pair(left, right)
        return true
      }
    }
    return false
  }
  for (let left = 0; left < leftCount; left++) if (rightOf[left] === null) assign(left, new Set())
  return rightOf
}
