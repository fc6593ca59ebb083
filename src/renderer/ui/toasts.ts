/**
 * Toasts: only for what happened out of sight; what is visible is said where it is visible. At most three stand, errors stay until
 * closed, others go after 6 s unless the pointer or the focus is on them. What one
 * offers (to undo, to show) has a key as well: the newest one's is meant.
 */
import { reactive } from 'vue'

export interface Toast {
  readonly id: number
  readonly severity: 'info' | 'ok' | 'warn' | 'error'
  readonly title: string
  readonly detail: string | null
  readonly action: { readonly label: string; readonly run: () => void } | null
}

const standing = reactive<Toast[]>([])
let nextId = 1

export function useToasts() {
  return {
    standing: standing as readonly Toast[],
    show(toast: Partial<Toast> & Pick<Toast, 'severity' | 'title'>): void {
      standing.push({ detail: null, action: null, ...toast, id: nextId++ })
      while (standing.length > 3) standing.shift()
    },
    /** Does what the newest one offers, if one stands that offers something. */
    actNewest(): void {
      const toast = [...standing].reverse().find((each) => each.action !== null)
      if (!toast) return
      standing.splice(standing.indexOf(toast), 1)
      toast.action?.run()
    },
    close(id: number): void {
      const index = standing.findIndex((toast) => toast.id === id)
      if (index >= 0) standing.splice(index, 1)
    },
  }
}
