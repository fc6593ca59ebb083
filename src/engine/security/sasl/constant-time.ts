/** Comparisons of secrets that take as long where the first byte differs as where the last does. Pure. */
import { createHash, timingSafeEqual } from 'node:crypto'

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Of texts of any length: by their digests, so that not even the length shows. */
export function equalTexts(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
