/**
 * Ids that the window may hold longer than the clients worker lives: of reads, tasks, analyses and own consumers. Each life of the worker counts from
 * a base of its own, so that an id of one that died never comes to mean something else.
 */

/** More of anything than one life ever has. */
export const idsPerStart = 1_000_000

/** As a person reads it: `7` in the first life, `2-7` in the second. */
export function shortId(id: number): string {
  const life = Math.floor(id / idsPerStart)
  return life === 0 ? String(id) : `${life + 1}-${id % idsPerStart}`
}
