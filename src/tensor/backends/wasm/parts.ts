// Splits one backend call between threads, once `setThreads` has installed them. Results do not depend on the split: an element
// is computed by one kernel call, whose order of operations does not depend on its position. Read next: ../../threads/threads.ts.

/** Calls kernels for the items `from` to `to`. `part` numbers the parts that run at the same time, for working memory. */
export type Part<K> = (kernels: K, from: number, to: number, part: number) => void

/** Threads that share the work of a call. */
export interface Workforce {
  readonly threads: number
  /** Nanoseconds of work on one thread from which a call is split. */
  readonly threshold: number
  split<K extends object>(kernels: K, work: number, count: number, step: number, body: Part<K>): void
}

export const MOST_PARTS = 64

/** Nanoseconds on one thread, for `inParts`: of an element of cheap and of costly operations, and of a term of a product. */
export const [LIGHT, HEAVY, TERM] = [0.15, 1.5, 0.05]
/** Elementwise work is split at multiples of so many floats: a cache line. */
export const LINE = 16

let workforce: Workforce | null = null

/** Installs the threads of all later calls; null for the calling thread alone. */
export function useWorkforce(next: Workforce | null): void {
  workforce = next
}

/** The number of parts that a call is split into at most, by now. */
export function mostParts(): number {
  return workforce === null ? 1 : workforce.threads
}

/**
 * Runs `body` for `count` items, in parts at multiples of `step` if the work is large enough.
 *
 * @param work nanoseconds on one thread, estimated
 */
export function inParts<K extends object>(kernels: K, work: number, count: number, step: number, body: Part<K>): void {
  if (workforce === null || work < workforce.threshold) body(kernels, 0, count, 0)
  else workforce.split(kernels, work, count, step, body)
}
