import { expect, it } from 'vitest'
import { urlIn } from './elected-primary'

const assignment = (identity: unknown) => Buffer.from(JSON.stringify({ version: 1, error: 0, master_identity: identity }))

it('finds the address of who is elected', () => {
  expect(urlIn(assignment({ host: 'primary.local', port: 8085, scheme: 'https' }))).toBe('https://primary.local:8085')
  expect(urlIn(assignment({ host: '127.0.0.1', port: 8085 }))).toBe('http://127.0.0.1:8085')
  expect(urlIn(assignment({ host: '::1', port: 8085 }))).toBe('http://[::1]:8085')
})

it('takes what cannot be read for nobody', () => {
  expect(urlIn(undefined)).toBeNull()
  expect(urlIn(Buffer.from('not JSON'))).toBeNull()
  expect(urlIn(assignment(null))).toBeNull()
  for (const identity of [
    { host: 7, port: 8085 },
    { host: '127.0.0.1', port: '8085' },
    { host: '127.0.0.1', port: 80_850 },
    { host: '127.0.0.1', port: 8085, scheme: 'file' },
    { host: 'user@127.0.0.1', port: 8085 },
    { host: '127.0.0.1/path', port: 8085 },
  ])
    expect(urlIn(assignment(identity))).toBeNull()
})
