import { expect, it } from 'vitest'
import { forAuthor } from './sides'

it('calls reader and writer what they are to the author of a draft', () => {
  const sentence = "The writer has the symbol X. The reader's enum lacks it; readers of the reader fail."
  expect(forAuthor(sentence, 'BACKWARD')).toBe(
    "The registered version has the symbol X. The draft's enum lacks it; readers of the draft fail.",
  )
  expect(forAuthor(sentence, 'FORWARD')).toBe(
    "The draft has the symbol X. The registered version's enum lacks it; readers of the registered version fail.",
  )
})
