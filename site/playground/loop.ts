// The worker's loop: frames of live play, and work in slices between them, so that messages are read every few milliseconds.

/** Milliseconds of work between two looks at the messages. */
const SLICE = 8
const FRAME = 1000 / 60
/** Milliseconds that a frame stands for at most, after a long piece of work. */
const LONGEST = 100

export interface LoopParts {
  isAnimated(): boolean
  /** @param elapsed milliseconds since the last frame */
  frame(elapsed: number): void
  /** A small piece of work. Returns whether there is more. */
  work(): boolean
}

export function makeLoop({ isAnimated, frame, work }: LoopParts): { wake(): void } {
  const channel = new MessageChannel()
  channel.port1.onmessage = turn
  let isScheduled = false
  let last = 0

  // A timer of 0 milliseconds takes 4 of them; a message takes none.
  function schedule(delay: number): void {
    if (isScheduled) return
    isScheduled = true
    if (delay > 0) setTimeout(turn, delay)
    else channel.port2.postMessage(0)
  }

  function turn(): void {
    isScheduled = false
    const now = performance.now()
    if (now - last >= FRAME - 1) {
      if (isAnimated()) frame(Math.min(now - last, LONGEST))
      last = now
    }
    let isMore = true
    while (isMore && performance.now() < now + SLICE) isMore = work()
    if (isMore) schedule(0)
    else if (isAnimated()) schedule(Math.max(1, last + FRAME - performance.now()))
  }

  return { wake: () => schedule(0) }
}

/** A function that returns true at most once in so many milliseconds. */
export function every(milliseconds: number): () => boolean {
  let last = 0
  return () => {
    const now = performance.now()
    if (now - last < milliseconds) return false
    last = now
    return true
  }
}
