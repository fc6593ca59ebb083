/** Loads worker.ts: a worker thread begins with plain JavaScript, whatever its parent was started with. */
import { register } from 'tsx/esm/api'

register()
await import(new URL('./worker.ts', import.meta.url).href)
