/** How keys are printed: the app may know that one was changed. '' where there is none any more. */
import { type InjectionKey, inject, provide } from 'vue'

type PrintKeys = (keys: string) => string

const keyPrintingKey: InjectionKey<PrintKeys> = Symbol('keyPrinting')

export const provideKeyPrinting = (print: PrintKeys): void => provide(keyPrintingKey, print)

export const useKeyPrinting = (): PrintKeys => inject(keyPrintingKey, (keys: string) => keys)
