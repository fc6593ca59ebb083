/** How the controller's own work fails. Both are ordinary in a cluster whose brokers come and go, and are no bugs. */

/** Somebody else is the controller now, or nobody: what was under way must stop without another word to brokers. */
export class ControllerMovedError extends Error {
  override readonly name = 'ControllerMovedError'
  constructor(message = 'this broker is not the controller any more', options?: ErrorOptions) {
    super(message, options)
  }
}
