/** Stretches of leadership as pieces of a ribbon: where each begins and ends on a shared axis of percent. Pure. */
import type { LeadershipStretch } from '../topics/leadership-history'

export interface RibbonPiece {
  readonly key: number
  readonly leader: number | null
  readonly leftPercent: number
  readonly widthPercent: number
}

export function ribbonPieces(stretches: readonly LeadershipStretch[], nowMs: number, spanMs: number): RibbonPiece[] {
  const startMs = nowMs - spanMs
  const pieces: RibbonPiece[] = []
  stretches.forEach((stretch, index) => {
    const fromMs = Math.max(startMs, stretch.fromMs)
    const toMs = Math.min(nowMs, stretches[index + 1]?.fromMs ?? nowMs)
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
