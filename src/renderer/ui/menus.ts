/** What a menu holds, for UiMenu and UiContextMenu. */
import type { Component } from 'vue'

export interface MenuEntry {
  readonly id: string
  readonly label: string
  readonly icon?: Component | undefined
  readonly keys?: string | undefined
  /** Why not now; shown after the label. */
  readonly disabledReason?: string | null | undefined
  readonly isDanger?: boolean
  /** A line above it. */
  readonly startsGroup?: boolean
  readonly run: () => void
}
