/**
 * The templates of one message, key, value and headers together. They belong together: the n-th `{{uuid}}` of the value is the n-th of the
 * key, whatever stands between, because each expression has a seed of its own made of the run's seed, the message and what is written in it.
 * With a set of keys, what stands in the key too follows the key, so that a customer keeps the name that goes with the id.
 */
import { hasTemplate, parseTemplate, type TemplatePart } from '../../../shared/lang/template'
import { type Evaluate, type FakerSource, prepareExpression, TemplateError } from './functions'
import { SeededRandom, seedOf } from './random'

/** json: what is filled in is escaped as the inside of a JSON string. */
export type TemplateContext = 'plain' | 'json'

interface PreparedExpression {
  readonly evaluate: Evaluate
  readonly source: string
  /** The how manieth of its kind in its text. */
  readonly occurrence: number
}

export interface FillAt {
  /** Of the message. */
  readonly index: number
  /** Of its key in the set of keys; the message's own where there is none. */
  readonly keyNumber: number
  readonly key: string | null
  readonly nowMs: number
}

export class PreparedTemplate {
  readonly isConstant: boolean
  private readonly parts: readonly (string | PreparedExpression)[]

  /** Throws a TemplateError. `keyCounts`: how often each expression stands in the key; null: this is the key. */
  constructor(
    private readonly text: string,
    private readonly context: TemplateContext,
    private readonly seed: number,
    faker: FakerSource,
    private readonly keyCounts: ReadonlyMap<string, number> | null,
  ) {
    const counts = new Map<string, number>()
    const prepare = (part: TemplatePart): string | PreparedExpression => {
      if (typeof part === 'string') return part
      const occurrence = counts.get(part.source) ?? 0
      counts.set(part.source, occurrence + 1)
      return { evaluate: prepareExpression(part, faker), source: part.source, occurrence }
    }
    const { parts, problem } = hasTemplate(text) ? parseTemplate(text) : { parts: [text], problem: null }
    if (problem !== null) throw new TemplateError(problem.message)
    this.parts = parts.map(prepare)
    this.isConstant = this.parts.every((part) => typeof part === 'string')
  }

  fill(at: FillAt): string {
    if (this.isConstant) return this.text
    let out = ''
    for (const part of this.parts) {
      if (typeof part === 'string') {
        out += part
        continue
      }
      const isOfKey = this.keyCounts === null || part.occurrence < (this.keyCounts.get(part.source) ?? 0)
      const number = isOfKey ? at.keyNumber : at.index
      const filled = part.evaluate({
        // In the value, index stays that of the message.
        index: this.keyCounts === null ? at.keyNumber : at.index,
        key: at.key,
        random: new SeededRandom(seedOf(this.seed, number, part.source, part.occurrence)),
        nowMs: at.nowMs,
      })
      out += this.context === 'json' ? JSON.stringify(filled).slice(1, -1) : filled
    }
    return out
  }
}

/** How often each expression stands in a text. */
export function expressionCounts(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  if (hasTemplate(text))
    for (const { source } of parseTemplate(text).expressions) counts.set(source, (counts.get(source) ?? 0) + 1)
  return counts
}

export const needsFaker = (texts: readonly string[]): boolean =>
  texts.some((text) => text.includes('{{') && parseTemplate(text).expressions.some(({ name }) => name.startsWith('faker.')))
