/**
 * Which rows of a long list of equal rows are in sight, and where they stand. A browser lays out no more than some 33 million device pixels,
 * which a million rows pass on a fine screen: beyond `heightMax` the list stands on a shorter scroll track. Small scrolls then still move
 * pixel by pixel, and only a jump (the scroll bar dragged, End) goes by the share of the track.
 */
import { computed, type Ref, ref } from 'vue'

const heightMax = 8_000_000
const overscan = 10

export class RowTrack {
  /** Distance from the top of the whole list to the top of what is in sight. */
  top = 0
  private scrolled = 0

  constructor(
    public total: number,
    public viewport: number,
  ) {}

  get trackHeight(): number {
    return Math.min(this.total, heightMax)
  }

  get topMax(): number {
    return Math.max(0, this.total - this.viewport)
  }

  private get scrollMax(): number {
    return Math.max(0, this.trackHeight - this.viewport)
  }

  /** The scroller stands at `scrollTop` now. */
  onScroll(scrollTop: number): void {
    const moved = scrollTop - this.scrolled
    this.scrolled = scrollTop
    if (this.trackHeight === this.total) this.top = scrollTop
    else if (scrollTop <= 0) this.top = 0
    else if (scrollTop >= this.scrollMax - 1) this.top = this.topMax
    else if (Math.abs(moved) <= this.viewport * 2) this.top += moved
    else this.top = (scrollTop / this.scrollMax) * this.topMax
    this.top = Math.min(this.topMax, Math.max(0, this.top))
  }

  /** Puts `top` in sight; answers the `scrollTop` that the scroller is to have. */
  moveTo(top: number): number {
    this.top = Math.min(this.topMax, Math.max(0, top))
    this.scrolled =
      this.trackHeight === this.total ? this.top : this.topMax === 0 ? 0 : Math.round((this.top / this.topMax) * this.scrollMax)
    return this.scrolled
  }

  /** Where on the track something stands that is `y` below the top of the whole list. */
  place(y: number): number {
    return this.trackHeight === this.total ? y : this.scrolled + (y - this.top)
  }
}

export interface RowWindowOptions {
  readonly scroller: Readonly<Ref<HTMLElement | undefined>>
  readonly count: () => number
  readonly rowHeight: () => number
  /** Height of what stands still above the rows inside the scroller. */
  readonly headHeight: number
}

export function useRowWindow({ scroller, count, rowHeight, headHeight }: RowWindowOptions) {
  const track = new RowTrack(0, 600)
  /** Grows with whatever moves or resizes the window of rows. */
  const version = ref(0)
  const viewport = ref(600)

  const state = computed(() => {
    void version.value
    track.total = count() * rowHeight()
    track.viewport = viewport.value
    track.top = Math.min(track.top, track.topMax)
    const first = Math.max(0, Math.floor(track.top / rowHeight()) - overscan)
    const last = Math.min(count() - 1, Math.ceil((track.top + viewport.value) / rowHeight()) + overscan)
    return { first, last, height: track.trackHeight }
  })
  const items = computed(() => {
    void version.value
    const { first, last } = state.value
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => ({
      index: first + offset,
      start: track.place((first + offset) * rowHeight()),
    }))
  })

  function apply(scrollTop: number): void {
    version.value++
    if (scroller.value) scroller.value.scrollTop = scrollTop
  }

  return {
    height: computed(() => state.value.height),
    items,
    onScroll: (): void => {
      track.onScroll(scroller.value?.scrollTop ?? 0)
      version.value++
    },
    /** The scroller is this high now. What stood at its end still does: a live list that is followed is not lost by making the window lower. */
    resize: (height: number): void => {
      void state.value
      const wasAtEnd = track.topMax > 0 && track.top >= track.topMax - rowHeight()
      viewport.value = Math.max(rowHeight(), height - headHeight)
      void state.value
      if (wasAtEnd) apply(track.moveTo(track.topMax))
    },
    /** As little as brings the row into sight; `start` puts it at the top. */
    scrollToIndex: (index: number, align: 'nearest' | 'start' = 'nearest'): void => {
      void state.value
      const top = index * rowHeight()
      if (align === 'start' || top < track.top) apply(track.moveTo(top))
      else if (top + rowHeight() > track.top + viewport.value) apply(track.moveTo(top + rowHeight() - viewport.value))
    },
    isInSight: (index: number): boolean => {
      void state.value
      const top = index * rowHeight()
      return top >= track.top && top + rowHeight() <= track.top + viewport.value
    },
    /** Rows went (negative) or came (positive) at the start: what is in sight stays in sight. */
    shift: (rows: number): void => {
      const top = track.top + rows * rowHeight()
      void state.value
      apply(track.moveTo(top))
    },
    isAtStart: (): boolean => track.top < rowHeight(),
    isAtEnd: (): boolean => {
      void state.value
      return track.top >= track.topMax - rowHeight()
    },
  }
}
