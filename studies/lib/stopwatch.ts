// How long a piece of work took, by the clock on the wall and by the processor. CPU seconds stay meaningful on a busy machine.

export interface Time {
  /** Of this process, all threads, in seconds. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** Starts to measure; call the result for the time since. */
export function stopwatch(): () => Time {
  const started = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - started) / 1e3 }
  }
}
