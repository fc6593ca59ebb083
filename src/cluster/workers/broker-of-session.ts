/** Whose session it was, by the registration that went with it; null where it was no broker's. */
export function brokerOfSession(ephemerals: readonly string[]): number | null {
  for (const path of ephemerals) {
    const match = /^\/brokers\/ids\/(\d+)$/.exec(path)
    if (match?.[1] !== undefined) return Number(match[1])
  }
  return null
}
