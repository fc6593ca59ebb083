/**
 * What a person reads of a run: one line an event that matters, with the simulated time and who it was. Off, it costs nothing; callers look at
 * `isOn` before they put words together. Whether it is on must not change a run.
 */
export class Trace {
  constructor(
    private readonly write: ((line: string) => void) | undefined,
    private readonly nowMs: () => number,
  ) {}

  get isOn(): boolean {
    return this.write !== undefined
  }

  line(who: string, text: string): void {
    this.write?.(`${(this.nowMs() / 1000).toFixed(6).padStart(11)} ${who} ${text}`)
  }
}
