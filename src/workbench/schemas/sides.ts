/**
 * Who the reader and the writer of an explanation are for the author of a draft: formats compare any two schemas and cannot know. Called by the
 * draft's verdict, for explanations and mends of every format. Pure.
 */

/** BACKWARD: the draft reads what the registered version wrote. FORWARD: the other way round. */
export function forAuthor(sentence: string, direction: 'BACKWARD' | 'FORWARD'): string {
  const [reader, writer] = direction === 'BACKWARD' ? ['draft', 'registered version'] : ['registered version', 'draft']
  return sentence
    .replace(/\b([Tt])he reader\b/g, (_, letter: string) => `${letter}he ${reader}`)
    .replace(/\b([Tt])he writer\b/g, (_, letter: string) => `${letter}he ${writer}`)
}
