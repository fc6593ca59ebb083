/** How components of the design system copy: the app provides the way (the host's), the page's own clipboard is the fallback. */
import { type InjectionKey, inject } from 'vue'

export type CopyText = (text: string) => Promise<void>

export const copyTextKey: InjectionKey<CopyText> = Symbol('copyText')

export function useCopyText(): CopyText {
  return inject(copyTextKey, (text: string) => navigator.clipboard.writeText(text))
}
