/** Free ports outside the system's ephemeral range, where no outgoing connection takes the port of a broker that is down. */
import { isPortFree } from '../../../src/cluster/ports'
import type { Random } from '../random'

const rangeStart = 20_000
const rangeEnd = 32_000

export async function findPorts(random: Random, count: number): Promise<number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = random.between(rangeStart, rangeEnd)
    if (!found.has(port) && (await isPortFree('127.0.0.1', port))) found.add(port)
  }
  return [...found]
}
