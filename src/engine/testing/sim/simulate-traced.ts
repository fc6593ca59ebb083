/** A run whose trace has every frame on the network in it, besides what the world says. It is the same run: the trace only looks. */
import { FrameTrace } from './frame-trace'
import { type SimOptions, type SimResult, simulate } from './simulate'

export function simulateTraced(options: Omit<SimOptions, 'trace'>, write: (line: string) => void): Promise<SimResult> {
  return simulate({
    ...options,
    trace: write,
    onDidMakeWorld: (world) => {
      const frames = new FrameTrace((who, text) => world.trace.line(who, text))
      world.onDidSend((send) => frames.onSend(send))
      options.onDidMakeWorld?.(world)
    },
  })
}
