/**
 * The golden traces: what replicas do in the situations that the protocol was made for, command by command. `GOLDEN_UPDATE=1` writes the
 * traces anew; read the difference before you commit it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runTrace } from '../testing/golden/script'

const directory = join(__dirname, '../testing/golden/traces')

describe('golden traces of replication', () => {
  for (const file of readdirSync(directory)) {
    it(file.replace(/^\d+-|\.txt$/g, '').replaceAll('-', ' '), () => {
      const path = join(directory, file)
      const trace = readFileSync(path, 'utf8')
      const actual = runTrace(trace)
      if (process.env['GOLDEN_UPDATE'] === '1') writeFileSync(path, actual)
      else expect(actual).toBe(trace)
    })
  }
})
