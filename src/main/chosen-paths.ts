/**
 * The places that the system's dialog for saving gave: what the window wants written goes there and nowhere else, whatever runs in the window. Each
 * holds for one file. Made by the main process; between the window and the workbench.
 */
import { WorkbenchError } from '../shared/ipc/errors'
import type { Services } from './ipc/dispatch'

/** More than are ever chosen and not yet written; the oldest goes. */
const pathsMax = 32

export class ChosenPaths {
  private readonly paths = new Set<string>()

  add(path: string): void {
    this.paths.add(path)
    if (this.paths.size > pathsMax) this.paths.delete(this.paths.values().next().value ?? path)
  }

  /** Throws PATH_NOT_CHOSEN; what it lets through once it refuses the next time. */
  use(path: string): void {
    if (this.paths.delete(path)) return
    throw new WorkbenchError(
      'expected',
      'PATH_NOT_CHOSEN',
      `${path} was not chosen in the dialog for saving, so nothing is written there. Export again and choose a file.`,
    )
  }

  /** The export, held to these paths. */
  guard(exportTo: Services['messages.export']): Services['messages.export'] {
    return async (request) => {
      this.use(request.path)
      return exportTo(request)
    }
  }
}
