// Reads Gymnasium's recorded episodes of the tabular and card environments. See test/golden/envs/README.md.

import { readFileSync } from 'node:fs'
import type { EnvOptions } from '../../../src/rl/envs/env.ts'
import { Rng } from '../../../src/tensor/random.ts'

export interface Variant {
  readonly name: string
  readonly env_id: string
  readonly kwargs: Record<string, unknown>
  readonly max_episode_steps: number | null
  readonly n_states: number
  readonly n_actions: number
  readonly initial: { readonly states: number[]; readonly prob?: number; readonly probs?: number[] }
  readonly action_mask?: number[]
  readonly table:
    | {
        readonly kind: 'deterministic'
        readonly next: number[]
        readonly reward: number[]
        readonly terminated: number[]
      }
    | { readonly kind: 'stochastic'; readonly outcomes: Row[][] }
    | { readonly kind: 'same-outcomes'; readonly as: string; readonly move_probs: number[] }
}

/** The outcomes of one state and action. */
export type Row = [probability: number, nextState: number, reward: number, terminated: number][]

export interface Episode {
  readonly name: string
  readonly variant: string
  readonly env_id: string
  readonly kwargs?: Record<string, unknown>
  readonly reset_draws: number[]
  readonly initial_state: number
  readonly initial_action_mask?: number
  readonly actions: number[]
  readonly draws: number[]
  readonly picks?: number[]
  readonly next_state: number[]
  readonly reward: number[]
  readonly prob: number[]
  readonly terminated: number[]
  readonly truncated: number[]
  readonly action_mask?: number[]
  readonly reward_sum: number
}

export interface TabularFile {
  readonly reset_table?: [draw: number, state: number][]
  readonly variants: Variant[]
  readonly episodes: Episode[]
}

export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../golden/envs/${name}.json`, import.meta.url), 'utf8')) as T
}

/** `is_slippery` as this library spells it: `isSlippery`. */
export function toOptions(kwargs: Record<string, unknown>): EnvOptions {
  const renamed = ([key, value]: [string, unknown]) => [key.replace(/_(.)/g, (_, c: string) => c.toUpperCase()), value]
  return Object.fromEntries(Object.entries(kwargs).map(renamed))
}

/** The outcomes of every state and action, in the table's order. */
export function rowsOf(file: TabularFile, variant: Variant): Row[] {
  const { table } = variant
  if (table.kind === 'stochastic') return table.outcomes.flat()
  if (table.kind === 'deterministic') {
    return table.next.map((next, i) => [[1, next, table.reward[i]!, table.terminated[i]!]])
  }
  const like = file.variants.find(({ name }) => name === table.as)!
  const weighted = (row: Row): Row => row.map(([, ...rest], i) => [table.move_probs[i]!, ...rest])
  return rowsOf(file, like).map((row) => (row.length === 3 ? weighted(row) : row))
}

/** Numbers written down beforehand in place of random ones; running out of them is an error. */
export class ScriptedRng extends Rng {
  constructor(
    private readonly uniforms: number[],
    private readonly integers: number[] = [],
  ) {
    super()
  }

  override uniform(): number {
    return next(this.uniforms)
  }

  override integer(n: number): number {
    const value = next(this.integers)
    if (value >= n) throw new Error(`a scripted ${value} where numbers below ${n} are drawn`)
    return value
  }

  get left(): number {
    return this.uniforms.length + this.integers.length
  }
}

function next(numbers: number[]): number {
  const value = numbers.shift()
  if (value === undefined) throw new Error('more random numbers were drawn than are written down')
  return value
}
