import { describe, expect, test } from 'vitest'
import { contentSecurityPolicy, fileFor, preparePage } from './app-files'

describe('the file behind an address', () => {
  test('is found in the folder, with its type', () => {
    expect(fileFor('app://bundle/assets/index-1.js?v=2', '/out/renderer')).toEqual({
      path: '/out/renderer/assets/index-1.js',
      contentType: 'text/javascript; charset=utf-8',
    })
    expect(fileFor('app://bundle/', '/out/renderer')?.path).toBe('/out/renderer/index.html')
  })

  test.each([
    'app://other/index.html',
    'https://bundle/index.html',
    'app://bundle/..%2fmain%2findex.js',
    'app://bundle/assets%2f..%2f..%2fmain%2findex.js',
    'app://bundle/%00.js',
    'app://bundle/%zz.js',
    'app://bundle/assets',
    'app://bundle/secret.exe',
    'nonsense',
  ])('is none for %s', (address) => {
    expect(fileFor(address, '/out/renderer')).toBeNull()
  })

  test.each(['app://bundle/../main/index.js', 'app://bundle/%2e%2e/main/index.js', 'app://bundle/..%5cmain%5cindex.js'])(
    'never lies outside the folder: %s',
    (address) => {
      expect(fileFor(address, '/out/renderer')?.path ?? '/out/renderer/').toMatch(/^\/out\/renderer\//)
    },
  )
})

test('the policy allows neither inline code, nor eval, nor another origin', () => {
  const policy = contentSecurityPolicy('abc')
  expect(policy).not.toMatch(/unsafe-|https?:|\*/)
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("style-src 'self' 'nonce-abc'")
})

test('the page carries the nonce of its policy and the theme of its first paint', () => {
  const page = preparePage('<!doctype html>\n<html lang="en">\n  <head>\n  </head></html>', 'abc', 'dark')
  expect(page).toContain('<html data-theme="dark" lang="en">')
  expect(page).toContain('<meta name="csp-nonce" content="abc" />')
})
