// Parts of which every number is known, for updates that are worked out by hand: networks with the same outputs for every observation,
// rewards from a list, noise of one size.

import { Box, Discrete } from '../../../src/data/spaces.ts'
import { parameter } from '../../../src/nn/flat.ts'
import { type HasParameters, type Module, namedParameters } from '../../../src/nn/module.ts'
import { type AnyEnv, type Env, NO_INFO, type Reset, type Step } from '../../../src/rl/envs/env.ts'
import { expand, Rng } from '../../../src/tensor/index.ts'

/** A network whose outputs are its only parameter. */
export function constantNetwork(...outputs: readonly number[]): Module {
  const bias = parameter([1, outputs.length], outputs)
  return { forward: (x) => expand(bias, [x.shape[0]!, outputs.length]), parameters: () => ({ bias }) }
}

/** The numbers of a part of a learner, by the names of its parameters. */
export function numbersOf(part: unknown): Record<string, number[]> {
  const parameters = namedParameters(part as HasParameters)
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, [...tensor.toArray()]]))
}

/** Sets parameters by name; throws on a name that there is not. */
export function setNumbers(part: unknown, numbers: Readonly<Record<string, readonly number[]>>): void {
  const parameters = namedParameters(part as HasParameters)
  for (const [name, values] of Object.entries(numbers)) parameters[name]!.view().set(values)
}

/** Every normal draw is mean + deviation · noise. */
export function rngWithNoise(noise: number): Rng {
  return Object.assign(new Rng(0), { normal: (mean = 0, deviation = 1) => mean + deviation * noise })
}

/** Two actions, the observation 1, and episodes of one step that pay the rewards in turn, whatever is done. */
export class Paying implements Env<Float32Array, number> {
  readonly id = 'Paying-v0'
  readonly observationSpace = new Box([-1], [1])
  readonly actionSpace = new Discrete(2)
  rng = new Rng()
  state: readonly number[] = []
  /** All so far. */
  readonly actions: number[] = []

  constructor(private readonly rewards: readonly number[]) {}

  get unwrapped(): AnyEnv {
    return this
  }

  reset(): Reset<Float32Array> {
    return { observation: Float32Array.of(1), info: NO_INFO }
  }

  step(action: number): Step<Float32Array> {
    const reward = this.rewards[this.actions.length % this.rewards.length]!
    this.actions.push(action)
    return { observation: Float32Array.of(1), reward, terminated: true, truncated: false, info: NO_INFO }
  }
}
