/**
 * Keeps the controller's requests (LeaderAndIsr, StopReplica, UpdateMetadata) in the order in which they came, although some have to wait
 * for a topic's configuration to be read first: a StopReplica must not overtake the LeaderAndIsr before it.
 */
export class ControlQueue {
  private last: Promise<void> = Promise.resolve()
  private pendingCount = 0

  /** Runs `step` after all that were given before, at once where there are none. A step that fails does not hold up the next. */
  run(step: () => void | Promise<void>): void | Promise<void> {
    if (this.pendingCount === 0) {
      const ended = step()
      if (!(ended instanceof Promise)) return
      return this.append(ended)
    }
    return this.append(this.last.then(step))
  }

  private append(step: Promise<void>): Promise<void> {
    this.pendingCount++
    this.last = step
      .catch(() => undefined)
      .then(() => {
        this.pendingCount--
      })
    return step
  }
}
