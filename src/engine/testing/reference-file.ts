/** Files of the reference that lies beside the repository on some machines and is no part of it: tests that hold ours against it read them here. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Its text; null, with a line that says which part of a test is skipped, where it is not on this machine. Paths as 'apache-avro/schema-tests.txt'. */
export function referenceFile(path: string, skippedPart: string): string | null {
  const file = referencePath(path)
  if (existsSync(file)) return readFileSync(file, 'utf8')
  console.info(`skipped: ${skippedPart}, ${path} is not on this machine`)
  return null
}

export const referencePath = (path: string): string => resolve('../shared/reference', path)
