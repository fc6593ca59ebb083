import { expect, it } from 'vitest'
import { layOut, layOutWithComments, onOneLine } from './layout'
import { readJson } from './read'

const laidOut = (text: string, width?: number): string => layOut(text, readJson(text).root!, width === undefined ? {} : { width })

it('keeps on one line what fits and gives the rest a line an entry', () => {
  expect(laidOut('{"b":[1,2],"a":{"x":9007199254740993}}')).toBe('{\n  "b": [1, 2],\n  "a": { "x": 9007199254740993 }\n}\n')
  expect(laidOut('{"b":["long enough","to be broken"]}', 20)).toBe(
    '{\n  "b": [\n    "long enough",\n    "to be broken"\n  ]\n}\n',
  )
})

it('writes scalars as they were written', () => {
  const text = '["\\u0041",1.50,1E2,-0]'
  expect(onOneLine(text, readJson(text).root!)).toBe('["\\u0041", 1.50, 1E2, -0]')
})

it('says the same when it is laid out again', () => {
  const once = laidOut('{"a":{},"b":[],"c":[{"d":1}]}')
  expect(laidOut(once)).toBe(once)
})

it('keeps comments', () => {
  expect(layOutWithComments('{ // why\n"a":1 }')).toBe('{ // why\n  "a": 1\n}\n')
})
