/** Stretches of leadership as pieces of a ribbon: where each begins and ends on a shared axis of percent. Pure. */
import type { TimelineEvent } from '../../../shared/model/cluster'
import type { LeadershipStretch } from '../topics/leadership-history'

export interface RibbonPiece {
  readonly key: number
  readonly leader: number | null
  readonly leftPercent: number
  readonly widthPercent: number
}

/** `untilMs`: the last stretch lasts until then, where the axis ends later or earlier. */
export function ribbonPieces(
  stretches: readonly LeadershipStretch[],
  nowMs: number,
  spanMs: number,
  untilMs: number = nowMs,
): RibbonPiece[] {
  const startMs = nowMs - spanMs
  const pieces: RibbonPiece[] = []
  stretches.forEach((stretch, index) => {
    const fromMs = Math.max(startMs, stretch.fromMs)
    const toMs = Math.min(nowMs, stretches[index + 1]?.fromMs ?? untilMs)
    if (toMs <= startMs || fromMs > nowMs || (toMs === fromMs && index < stretches.length - 1)) return
    pieces.push({
      key: stretch.fromMs,
      leader: stretch.leader,
      leftPercent: ((fromMs - startMs) / spanMs) * 100,
      widthPercent: ((toMs - fromMs) / spanMs) * 100,
    })
  })
  return pieces
}

/** Who led then, and for how long in all; null: before what is known. */
export function stretchAt(
  stretches: readonly LeadershipStretch[],
  atMs: number,
  nowMs: number,
): { readonly leader: number | null; readonly lastedMs: number } | null {
  let index = -1
  for (let at = 0; at < stretches.length && (stretches[at]?.fromMs ?? 0) <= atMs; at++) index = at
  const found = stretches[index]
  if (found === undefined || atMs > nowMs) return null
  return { leader: found.leader, lastedMs: Math.max(0, (stretches[index + 1]?.fromMs ?? nowMs) - found.fromMs) }
}

export interface RibbonMark {
  readonly id: number
  readonly left: number
  readonly isError: boolean
  readonly word: string
}

/** What is drawn through all ribbons: what somebody did to a broker, or befell one. */
const words: Readonly<Record<string, string>> = {
  'broker-killed': 'killed',
  'broker-crashed': 'crashed',
  'broker-frozen': 'frozen',
  'broker-stopped': 'stopped',
  'broker-started': 'started',
  'broker-resumed': 'resumed',
  'broker-added': 'added',
  'broker-removed': 'removed',
  'preferred-election': 'pref.',
  'reassignment-begun': 'moved',
  'coordination-crashed': 'coord.',
}
const marksMax = 40

/** `causes`: oldest first. */
export function ribbonMarks(causes: readonly TimelineEvent[], endMs: number, spanMs: number): readonly RibbonMark[] {
  const marks: RibbonMark[] = []
  for (let index = causes.length - 1; index >= 0 && marks.length < marksMax; index--) {
    const event = causes[index]
    if (event === undefined || event.atMs < endMs - spanMs) break
    const word = words[event.type]
    if (word === undefined || event.atMs > endMs) continue
    marks.push({ id: event.id, left: 100 - ((endMs - event.atMs) / spanMs) * 100, isError: event.severity === 'error', word })
  }
  return marks
}

/** Those of the marks that have room for their word, the newest first; the ends of the axis are taken. */
export function axisLabels(marks: readonly RibbonMark[]): readonly RibbonMark[] {
  const shown: RibbonMark[] = []
  for (const mark of marks) {
    const isFree = mark.left > 30 && mark.left < 82 && shown.every((other) => Math.abs(other.left - mark.left) > 30)
    if (isFree) shown.push(mark)
  }
  return shown
}
