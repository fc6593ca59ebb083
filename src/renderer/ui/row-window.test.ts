import { describe, expect, it } from 'vitest'
import { RowTrack } from './row-window'

describe('RowTrack', () => {
  it('is an ordinary scroll track while the list is short', () => {
    const track = new RowTrack(26_000, 600)
    track.onScroll(1234)
    expect(track.top).toBe(1234)
    expect(track.place(1300)).toBe(1300)
    expect(track.moveTo(999_999)).toBe(25_400)
  })

  it('keeps a million rows within what a browser can lay out, and still reaches each end', () => {
    const track = new RowTrack(26_000_000, 600)
    expect(track.trackHeight).toBeLessThan(16_000_000)
    track.onScroll(track.trackHeight - 600)
    expect(track.top).toBe(26_000_000 - 600)
    track.onScroll(0)
    expect(track.top).toBe(0)
  })

  it('moves pixel by pixel under the wheel in a long list, and draws rows where the eye is', () => {
    const track = new RowTrack(26_000_000, 600)
    track.onScroll(4_000_000)
    const before = track.top
    track.onScroll(4_000_100)
    expect(track.top - before).toBe(100)
    expect(track.place(track.top + 26)).toBe(4_000_126)
  })

  it('goes to any row and leaves the scroll bar at its share', () => {
    const track = new RowTrack(26_000_000, 600)
    const scrollTop = track.moveTo(13_000_000)
    expect(track.top).toBe(13_000_000)
    expect(scrollTop / track.trackHeight).toBeCloseTo(0.5, 2)
  })
})
