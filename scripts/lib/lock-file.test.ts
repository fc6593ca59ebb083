import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { completeLockFile, type LockFile, missingOptionalPackages } from './lock-file'

test('our lock file names every optional package, so that npm ci takes it on every system', () => {
  const lock = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package-lock.json'), 'utf8')) as LockFile
  expect(missingOptionalPackages(lock), 'run npx tsx scripts/complete-lock-file.ts').toEqual([])
})

test('a missing one is added with the system that its name says', () => {
  const lock: LockFile = {
    packages: {
      '': {},
      'node_modules/tool': {
        version: '1.0.0',
        dev: true,
        optionalDependencies: { 'tool-linux-x64-musl': '1.0.0', 'tool-wasm32-wasi': '1.0.0', 'tool-win32-arm64-msvc': '1.0.0' },
      },
    },
  }
  const completed = completeLockFile(lock)
  expect(missingOptionalPackages(completed)).toEqual([])
  expect(completed.packages).toMatchObject({
    'node_modules/tool-linux-x64-musl': {
      version: '1.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    },
    'node_modules/tool-wasm32-wasi': { optional: true, cpu: ['wasm32'] },
    'node_modules/tool-win32-arm64-msvc': { optional: true, os: ['win32'], cpu: ['arm64'] },
  })
})
