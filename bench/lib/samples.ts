// Samples of a call's time within a budget, in Node and in browsers.

const ROUNDS = 15
const FEWEST = 5 // what bench:compare needs

/**
 * Milliseconds per call, one figure per round. `run(calls)` makes that many calls; a round makes enough of them to last a fifteenth
 * of the budget, and at most `mostCalls`. A longer call gets fewer rounds, at least five.
 */
export async function sampleCalls(
  run: (calls: number) => unknown,
  budget: number,
  mostCalls = Infinity,
): Promise<number[]> {
  const started = performance.now()
  let calls = 1
  while ((await timed(() => run(calls))) < budget / ROUNDS / 2 && calls < mostCalls)
    calls = Math.min(2 * calls, mostCalls)
  const samples: number[] = []
  while (samples.length < FEWEST || (samples.length < ROUNDS && performance.now() - started < 1.5 * budget)) {
    samples.push((await timed(() => run(calls))) / calls)
  }
  return samples
}

/** Milliseconds that `call` takes. */
export async function timed(call: () => unknown): Promise<number> {
  const started = performance.now()
  await call()
  return performance.now() - started
}
