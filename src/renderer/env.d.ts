/** What the preload puts on the page; see shared/ipc/contract. Absent in a plain browser. */
import type { Bridge } from '../shared/ipc/contract'

declare global {
  interface Window {
    readonly workbench?: Bridge
  }
}
