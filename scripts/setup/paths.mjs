/** Where things are: the checkout, and the cache folder of this user in which the Electron runtime is kept across checkouts. */
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export function cacheDirectory() {
  const override = process.env['BROKER_WORKBENCH_CACHE_DIR']
  if (override) {
    return override
  }
  if (process.platform === 'win32') {
    return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'broker-workbench')
  }
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Caches', 'broker-workbench')
  }
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'broker-workbench')
}
