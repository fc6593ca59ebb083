/** The engine's only source of randomness, so that one seed decides a whole simulated run. */
export interface Random {
  /** A whole number, 0 <= n < `bound`; `bound` is 1 to 2^32. */
  below(bound: number): number
  /** `length` random bytes in a fresh buffer. */
  bytes(length: number): Buffer
}
