/**
 * The rules that the history is held against, in the words in which a broken one is reported, and where each comes from. Pure.
 */

export const rules = {
  nothingInvented: 'what is read was sent, to this partition, and reads as it was sent',
  refusedIsNotWritten: 'a record that was refused before it was appended is in no log',
  readStaysRead: 'what a consumer has read at an offset stays there',
  acknowledgedStays: 'an acknowledged acks=all record is at its offset while the rules promise it',
  acknowledgedOnce: 'no two acknowledged acks=all records have one offset',
  acknowledgedInOrder: 'acknowledged offsets of a producer and partition grow with the order sent',
  noGap: 'offsets are read without a gap that no move of the log start explains',
  idempotentOnce: 'a record of an idempotent producer is in the log once',
  idempotentInOrder: 'records of an idempotent producer stand in the order sent',
  unrepeatedOnce: 'a record that was sent once is in the log once',
  inOrder: 'acknowledged records of a producer and partition first stand in the order sent',
  latestNeverGoesBack: 'the latest offset told to a consumer never goes back in a leader epoch or a later one',
  deletedStaysDeleted: 'no record of a deleted topic is in a later one of its name',
} as const

export type Rule = (typeof rules)[keyof typeof rules]
