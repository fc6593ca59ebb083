/** Run after every `npm install`: makes package-lock.json whole (see lib/lock-file.ts). */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { completeLockFile, type LockFile, missingOptionalPackages } from './lib/lock-file'
import { root } from './lib/steps'

const path = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8')) as LockFile
const missing = missingOptionalPackages(lock)
if (missing.length > 0) {
  writeFileSync(path, `${JSON.stringify(completeLockFile(lock), null, 2)}\n`)
}
console.log(`${missing.length} optional packages of other systems added to package-lock.json.`)
