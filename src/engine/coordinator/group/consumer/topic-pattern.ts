/**
 * The expression by which a member of the new protocol subscribes to topics. Kafka reads it with RE2/J, and so do we, by its port to JavaScript: it takes
 * time in proportion to the name, whoever wrote the expression. JavaScript's own engine would stand still for hours over `(a+)+b` and a long name, and
 * the broker with it. Pure; used by ConsumerGroups.
 */
import { RE2JS } from 're2js'

export interface TopicPattern {
  /** Judges the whole name, as RE2/J's `matches` does. */
  test(name: string): boolean
}

/** Null where it is no expression that RE2 takes. */
export function topicPattern(expression: string): TopicPattern | null {
  try {
    const pattern = RE2JS.compile(expression)
    return { test: (name) => pattern.matches(name) }
  } catch {
    return null
  }
}
