import { expect, test } from 'vitest'
import { firstDifference } from './dependencies.mjs'

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/vue': { version: '3.5.45' },
    'node_modules/only-on-macos': { version: '1.0.0', optional: true },
  },
}

test('nothing is to be installed when every package is there in its version', () => {
  expect(firstDifference(wanted, { packages: { 'node_modules/vue': { version: '3.5.45' } } })).toBeNull()
})

test('a package that is missing or older is found', () => {
  expect(firstDifference(wanted, { packages: {} })).toBe('node_modules/vue')
  expect(firstDifference(wanted, { packages: { 'node_modules/vue': { version: '3.4.0' } } })).toBe('node_modules/vue')
  expect(firstDifference(wanted, null)).toBe('node_modules/vue')
})

test('an optional package may be missing, and not be of another version', () => {
  const installed = { 'node_modules/vue': { version: '3.5.45' }, 'node_modules/only-on-macos': { version: '0.9.0' } }
  expect(firstDifference(wanted, { packages: installed })).toBe('node_modules/only-on-macos')
})
