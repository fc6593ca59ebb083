import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const config = readFileSync(join(__dirname, '..', '..', 'electron-builder.yml'), 'utf8')

test.each([
  ['runAsNode', false],
  ['enableNodeOptionsEnvironmentVariable', false],
  ['enableNodeCliInspectArguments', false],
  ['enableEmbeddedAsarIntegrityValidation', true],
  ['onlyLoadAppFromAsar', true],
  ['grantFileProtocolExtraPrivileges', false],
])('a packaged app has the fuse %s at %s', (fuse, value) => {
  expect(new RegExp(`^ {2}${fuse}: ${value}$`, 'm').test(config)).toBe(true)
})
