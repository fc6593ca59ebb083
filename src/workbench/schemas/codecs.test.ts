import { expect, it } from 'vitest'
import { SerdeError } from '../../engine/schemas/serde'
import { reasonOf } from './codecs'

it('says where a payload ended once, whether the decoder said it or not', () => {
  expect(reasonOf(new SerdeError('the payload ends within a long, at byte 2', null, 2))).toBe(
    'the payload ends within a long, at byte 2',
  )
  expect(reasonOf(new SerdeError('no such branch', null, 12))).toBe('no such branch, at byte 12 of the payload')
})
