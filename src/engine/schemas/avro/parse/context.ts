/** What the parts of the parser share during one parse. Types only. */
import type { ParseOptions } from '../../format'
import type { NamedType } from '../model'
import type { Declarations } from './declarations'
import type { ProblemList } from './problems'

export interface ParserContext {
  readonly text: string
  readonly options: ParseOptions
  /** null for the schema itself, else the name of the reference whose text this is. */
  readonly reference: string | null
  /** Named types of the texts before this one. */
  readonly known: ReadonlyMap<string, NamedType>
  readonly declarations: Declarations
  readonly problems: ProblemList
  /** What is judged when all types are complete: defaults, second definitions. */
  readonly afterwards: (() => void)[]
}
