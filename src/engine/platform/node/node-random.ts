/** The system's random source as a {@link Random}: unguessable, so fit for session passwords and ids. Made by createNodePlatform. */
import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../random'

export class NodeRandom implements Random {
  below(bound: number): number {
    return randomInt(bound)
  }

  bytes(length: number): Buffer {
    return randomBytes(length)
  }
}
