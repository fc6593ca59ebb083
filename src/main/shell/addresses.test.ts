import { expect, test } from 'vitest'
import { externalAddress, isOwnPage, isOwnRequest } from './addresses'

test('only plain https to a host of the list goes to the browser', () => {
  expect(externalAddress('https://kafka.apache.org/documentation/#a')).toBe('https://kafka.apache.org/documentation/#a')
  for (const address of [
    'http://a.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://a.example/',
    'https://kafka.apache.org.evil.example/',
    'https://kafka.apache.org:8443/',
    'https://user:secret@kafka.apache.org/',
    'smb://host/share',
    '',
    'a b',
  ]) {
    expect(externalAddress(address)).toBeNull()
  }
})

test('the page may ask for its own files only, and in development for the dev server', () => {
  expect(isOwnRequest('app://bundle/assets/a.js', null)).toBe(true)
  expect(isOwnRequest('data:image/png;base64,AA', null)).toBe(true)
  expect(isOwnRequest('app://bundle.evil.example/a.js', null)).toBe(false)
  expect(isOwnRequest('http://127.0.0.1:5173/a.js', null)).toBe(false)
  expect(isOwnRequest('ws://127.0.0.1:5173/', 'http://127.0.0.1:5173')).toBe(true)
  expect(isOwnRequest('http://127.0.0.1:8080/', 'http://127.0.0.1:5173')).toBe(false)
})

test('only our own page may call us', () => {
  expect(isOwnPage('app://bundle/index.html', null)).toBe(true)
  expect(isOwnPage('app://bundle.evil.example/index.html', null)).toBe(false)
  expect(isOwnPage('file:///index.html', null)).toBe(false)
  expect(isOwnPage('http://127.0.0.1:5173/index.html', null)).toBe(false)
})
