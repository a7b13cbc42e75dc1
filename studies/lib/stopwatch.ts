// Measures wall and processor time. Processor time stays meaningful on a shared machine.

export interface Time {
  /** Processor seconds of this process, over all threads. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** Starts a stopwatch. The returned function reads it. */
export function stopwatch(): () => Time {
  const started = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - started) / 1e3 }
  }
}
