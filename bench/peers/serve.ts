// Runs the workloads of `npm run bench:peers` in a JavaScript package. Protocol as in torch_worker.py: one JSON request per line on
// stdin, one answer per line on stdout.

import { createInterface } from 'node:readline'
import { Rng } from '../../src/tensor/random.ts'

export interface Steps {
  /** Environment steps a call. */
  readonly steps: number
  readonly call: () => unknown
}

/** A package's implementation of the workloads; each returns a function that runs one unit of work. */
export interface Peer {
  /** A training step: forward, mean squared error, backward, Adam. */
  step(sizes: readonly number[], batch: number): () => unknown
  /** A product of two n×n matrices. */
  product(n: number): () => unknown
  /** One observation to a greedy action of 4-64-64-2. */
  act(): () => unknown
  /** Steps of a vector of CartPoles under a fixed list of actions. */
  cartpole?(count: number): Steps
  /** A training loop of loops.json. */
  loop?(name: string): Steps
}

export interface Request {
  readonly work: string
  /** The column; it selects the package in a process that serves several. */
  readonly peer: string
  /** Milliseconds of a sample. */
  readonly budget: number
}

/** A sample in the workload's unit (the first is a warm-up), or the reason why there is none. */
export type Answer = { readonly value: number } | { readonly none: string }

const rng = new Rng(1)
export const normals = (count: number) => Float32Array.from({ length: count }, () => rng.normal())

interface Prepared {
  readonly call: () => unknown
  /** From the seconds of a call to the work's unit. */
  readonly figure: (seconds: number) => number
}

function prepare(peer: Peer, work: string): Prepared | null {
  const [kind, first = '', second = ''] = work.split('/')
  if (kind === 'matmul') {
    const n = Number(first)
    return { call: peer.product(n), figure: (seconds) => (2 * n ** 3) / seconds / 1e9 }
  }
  if (kind === 'train-step') {
    return { call: peer.step(first.split('-').map(Number), Number(second)), figure: (seconds) => seconds * 1e6 }
  }
  if (kind === 'act') return { call: peer.act(), figure: (seconds) => seconds * 1e6 }
  const stepping = kind === 'env' ? peer.cartpole?.(Number(second)) : peer.loop?.(first)
  return stepping === undefined ? null : { call: stepping.call, figure: (seconds) => stepping.steps / seconds }
}

function secondsOf(call: () => unknown, count: number): number {
  const started = performance.now()
  for (let i = 0; i < count; i++) call()
  return (performance.now() - started) / 1000 / count
}

/** Answers requests until stdin closes. */
export async function serve(peer: Peer): Promise<void> {
  let current = ''
  let prepared: Prepared | null = null
  let count = 1
  for await (const line of createInterface({ input: process.stdin })) {
    const { work, budget }: Request = JSON.parse(line)
    let answer: Answer
    try {
      let seconds = 0
      const isNew = work !== current
      if (isNew) {
        current = work
        count = 1
        prepared = prepare(peer, work)
        if (prepared !== null) ({ seconds, count } = warmUp(prepared.call, budget / 1000))
      } else if (prepared !== null && count > 1) secondsOf(prepared.call, count) // warms up after the other packages' samples
      if (prepared !== null && (count > 1 || !isNew)) seconds = secondsOf(prepared.call, count)
      answer = prepared === null ? { none: 'does not apply' } : { value: prepared.figure(seconds) }
    } catch (error) {
      prepared = null
      answer = { none: String(error) }
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  process.exit(0) // a package's workers would keep the process alive
}

/** Warms up, and finds the number of calls that fill the budget. */
function warmUp(call: () => unknown, budget: number): { seconds: number; count: number } {
  for (let count = 1; ; count *= 2) {
    const seconds = secondsOf(call, count)
    if (seconds * count >= budget / 4) return { seconds, count: Math.max(1, Math.round(budget / seconds)) }
  }
}
