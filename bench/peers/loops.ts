// alambic's side of torch_rl.py: the training loops of loops.json.

import { makeVec } from '../../src/rl/envs/vector/make-vec.ts'
import { algorithm } from '../../src/rl/registry.ts'
import written from './loops.json' with { type: 'json' }

export interface Loop {
  readonly env: string
  readonly numEnvs: number
  readonly steps: number
  /** A shorter training for `npm run bench:peers`, with the options that differ. */
  readonly sample: { readonly steps: number; readonly options: Readonly<Record<string, unknown>> }
  readonly options: Readonly<Record<string, unknown>>
}

export const loops: Readonly<Record<string, Loop>> = written

/** Trains to the end and gives the returns of the last twenty episodes. In the JSON, null means no limit. */
export function train(
  name: string,
  { env, numEnvs }: Loop,
  totalTimesteps: number,
  json: Readonly<Record<string, unknown>>,
): number[] {
  const options = Object.fromEntries(Object.entries(json).map(([option, value]) => [option, value ?? Infinity]))
  const returns: number[] = []
  for (const { episodes } of algorithm(name).train(makeVec(env, numEnvs), { ...options, totalTimesteps })) {
    for (const episode of episodes) returns.push(episode.return)
  }
  return returns.slice(-20)
}
