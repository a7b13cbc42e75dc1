// The smallest tasks there are, solved by every algorithm within seconds: a bandit with one good arm, a corridor to walk down,
// and, for vectors and several choices at once, what to say again. An algorithm that cannot do these is broken, whatever it does elsewhere.

import { expect, it } from 'vitest'
import { MultiBinary, MultiDiscrete, type Space } from '../../../src/data/spaces.ts'
import type { AnyEnv, Env } from '../../../src/rl/envs/env.ts'
import { SyncVectorEnv } from '../../../src/rl/envs/vector/sync-vector-env.ts'
import { evaluatePolicy, FlattenObservation, finish, make, TimeLimit } from '../../../src/rl/index.ts'
import { algorithm, algorithms } from '../../../src/rl/registry.ts'
import type { ActionKind } from '../../../src/rl/training/training.ts'
import { familyOf, optionsFor } from '../../support/families.ts'
import { Repeat } from '../repeat-env.ts'
import { Echo } from './echo-env.ts'

interface Task {
  readonly kind: ActionKind
  make(): AnyEnv
  /** The greedy return that counts as solved. */
  readonly solved: number
  readonly steps: number
}

const tasks: Readonly<Record<string, Task>> = {
  // Five pulls an episode; the third arm pays 2 on the average, the others 0.
  bandit: {
    kind: 'discrete',
    make: () =>
      new FlattenObservation(new TimeLimit(make<number, number>('Bandit-v0', { means: [0, 0, 2, 0] }), 5)) as AnyEnv,
    solved: 8,
    steps: 2000,
  },
  // Four steps to the right, each of which costs 1.
  corridor: { kind: 'discrete', make: () => make('Corridor-v0', { length: 5 }) as AnyEnv, solved: -4, steps: 4000 },
  // Eight numbers from -1 to 1 an episode; each answer costs its squared error, up to 1/3 for always answering 0.
  echo: { kind: 'box', make: () => new Echo() as AnyEnv, solved: -0.4, steps: 6000 },
  // A pair of choices, or two bits; each entry that is repeated pays 1.
  pair: { kind: 'multi-discrete', make: () => repeating(new MultiDiscrete([3, 2])), solved: 2, steps: 1500 },
  bits: { kind: 'multi-binary', make: () => repeating(new MultiBinary(2)), solved: 2, steps: 1500 },
}

const repeating = (space: Space<unknown>) => new FlattenObservation(new Repeat(space, space, 1)) as AnyEnv

/** Small networks and eager learning, by family, with what single algorithms need. */
const families: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  policy: { learningRate: 0.01, numSteps: 32 },
  values: {
    ...{ learningRate: 0.005, learningStarts: 100, trainInterval: 8, gradientSteps: 8, targetUpdateInterval: 64 },
    ...{ batchSize: 32, gamma: 0.95, explorationFraction: 0.5 },
    ...{ quantiles: 8, atoms: 21, lowestReturn: -20, highestReturn: 20 },
  },
  control: {
    ...{ totalTimesteps: 1200, learningStarts: 100, batchSize: 32, gamma: 0.5, tau: 0.02 },
    ...{ learningRate: 0.005, actorLearningRate: 0.01, criticLearningRate: 0.01, entropyCoef: 0.1 },
  },
}
const eager: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  a2c: { learningRate: 0.005, numSteps: 16 },
  rainbow: { gradientSteps: 4 },
  trpo: { numSteps: 64, targetKl: 0.05 },
}

const cases = algorithms.flatMap(({ name, actions }) =>
  Object.entries(tasks)
    .filter(([, { kind }]) => actions.includes(kind))
    .map(([task]) => ({ name, task })),
)

it.each(cases)('every algorithm solves: $task: $name', ({ name, task }) => {
  const { train, numEnvs } = algorithm(name)
  const options = optionsFor(algorithm(name), { ...families[familyOf(algorithm(name))], ...eager[name] })
  const { make: makeEnv, solved, steps } = tasks[task]!
  const envs = new SyncVectorEnv(Array.from({ length: numEnvs }, makeEnv), 'same-step')
  const agent = finish(train(envs, { totalTimesteps: steps, hidden: [16], seed: 1, ...options }))
  const { mean } = evaluatePolicy(agent, makeEnv as () => Env<Float32Array, unknown>, { episodes: 50 })
  expect(mean).toBeGreaterThanOrEqual(solved)
})
