// States, and what an expert did in them: what imitation learns from. Read next: algorithms/behaviour-cloning.ts.

import { CheckpointError, ShapeError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import type { Rng } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Agent } from './policy.ts'
import { requireSameStep, type VectorEnv } from './vector-env.ts'

export class Demonstrations {
  private states = new Float32Array(0)
  private choices = new Int32Array(0)
  private count = 0

  constructor(readonly observationSize: number) {}

  get size(): number {
    return this.count
  }

  /** Row by row: [size, observationSize]. */
  get observations(): Float32Array {
    return this.states.subarray(0, this.count * this.observationSize)
  }

  /** [size] */
  get actions(): Int32Array {
    return this.choices.subarray(0, this.count)
  }

  /** Throws a `ShapeError` on an observation of another size. */
  add(observation: Float32Array, action: number): void {
    const { observationSize, count } = this
    if (observation.length !== observationSize) {
      throw new ShapeError(`Demonstrations: ${observation.length} numbers shown; expected ${observationSize}`)
    }
    if (count === this.choices.length) this.reserve(Math.max(64, 2 * count))
    this.states.set(observation, count * observationSize)
    this.choices[count] = action
    this.count++
  }

  /** Every pair once, in random order, `batchSize` at a time; the last batch holds what is left. */
  *minibatches(batchSize: number, rng: Rng): Generator<{ readonly observations: Tensor; readonly actions: Tensor }> {
    const order = rng.permutation(this.count)
    const { observationSize } = this
    for (let start = 0; start < order.length; start += batchSize) {
      const rows = order.subarray(start, start + batchSize)
      const observations = new Float32Array(rows.length * observationSize)
      rows.forEach((row, i) => {
        observations.set(this.states.subarray(row * observationSize, (row + 1) * observationSize), i * observationSize)
      })
      const actions = rows.map((row) => this.choices[row]!)
      yield { observations: tensor(observations, [rows.length, observationSize]), actions: tensor(actions) }
    }
  }

  save(): { observations: Float32Array; actions: Int32Array } {
    return { observations: this.observations.slice(), actions: this.actions.slice() }
  }

  /** Throws a `CheckpointError` where the saved states are of another size. */
  restore({ observations, actions }: { observations: Float32Array; actions: Int32Array }): void {
    if (observations.length !== actions.length * this.observationSize) {
      throw new CheckpointError(
        `Demonstrations: ${observations.length} numbers saved for ${actions.length} states of ${this.observationSize}`,
      )
    }
    this.states = observations.slice()
    this.choices = actions.slice()
    this.count = actions.length
  }

  private reserve(rows: number): void {
    const { states, choices } = this
    this.states = new Float32Array(rows * this.observationSize)
    this.states.set(states)
    this.choices = new Int32Array(rows)
    this.choices.set(choices)
  }
}

/** What `expert` does in the states that it meets itself, `steps` of them in each copy of `envs`, which it starts. */
export function demonstrate(envs: VectorEnv, expert: Agent, steps: number, seed: number): Demonstrations {
  requireSameStep('demonstrate', envs)
  const demonstrations = new Demonstrations(envs.observationSize)
  const actions = new Int32Array(envs.numEnvs)
  envs.reset({ seed })
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < envs.numEnvs; i++) {
      const observation = observationOf(envs, i)
      actions[i] = expert.act(observation)
      demonstrations.add(observation, actions[i]!)
    }
    envs.step(actions)
  }
  return demonstrations
}

/** What copy `i` shows now; a view. */
export function observationOf({ observations, observationSize }: VectorEnv, i: number): Float32Array {
  return observations.subarray(i * observationSize, (i + 1) * observationSize)
}
