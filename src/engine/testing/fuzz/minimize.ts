/** Makes a failing input smaller while it fails in the same way: cuts out ever smaller pieces, then sets bytes to zero. Bounded in tries. */
export async function minimize(input: Buffer, fails: (input: Buffer) => Promise<boolean>, triesMax = 3000): Promise<Buffer> {
  let best = input
  let tries = 0
  const isTaken = async (candidate: Buffer): Promise<boolean> => {
    tries++
    if (tries > triesMax || !(await fails(candidate))) return false
    best = candidate
    return true
  }
  for (let size = best.length >>> 1; size >= 1 && tries < triesMax; size >>>= 1) {
    for (let at = 0; at < best.length && tries < triesMax; ) {
      const candidate = Buffer.concat([best.subarray(0, at), best.subarray(at + size)])
      if (!(await isTaken(candidate))) at += size
    }
  }
  for (let at = 0; at < best.length && tries < triesMax; at++) {
    if (best[at] === 0) continue
    const candidate = Buffer.from(best)
    candidate[at] = 0
    await isTaken(candidate)
  }
  return best
}
