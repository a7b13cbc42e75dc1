// A search for a few synthetic pairs of state and preference from which fresh students learn to balance a pole.
// Dataset distillation by the cross-entropy method (De Boer et al. 2005, doi:10.1007/s10479-005-5724-z): the
// idea is that of Wang et al. 2018, arXiv:1811.10959, and Lupu et al. 2024, arXiv:2406.15042 (behaviour distillation).

import { fitStudent, LabelledDataset, prepareObjective } from 'alambic/distill'
import { MLP } from 'alambic/nn'
import { type CategoricalPolicy, Discrete, evaluatePolicy, finish, make, meanOf } from 'alambic/rl'
import { Rng } from 'alambic/tensor'

export const PAIRS = 4
const OBSERVATION = 4
/** Typical magnitudes of position, velocity, angle and angular velocity. */
const SCALES = [1, 1, 0.1, 1] as const
const UPDATES = 200
const POPULATION = 50
const ELITE = 10
export const GENERATIONS = 60
const EPISODES = 4

export interface SearchResult {
  readonly seed: number
  /** Mean return of each of the fresh students that the found pairs train, over 100 episodes. */
  readonly returns: readonly number[]
  readonly mean: number
  /** Environment steps of the search. */
  readonly environmentSteps: number
  /** Gradient steps of all students of the search. */
  readonly updates: number
  /** Rows: position, velocity, angle, angular velocity, preference for the right. */
  readonly pairs: readonly (readonly number[])[]
}

/** Yields after each generation its number and the best mean return so far; returns the pairs at the mean of the last generation. */
export function* searchPairs(seed: number, generations = GENERATIONS): Generator<[number, number], SearchResult, void> {
  const rng = new Rng(seed)
  const size = PAIRS * (OBSERVATION + 1)
  const mean = new Float64Array(size)
  const deviation = new Float64Array(size).fill(1)
  let [environmentSteps, updates, best] = [0, 0, 0]
  for (let generation = 1; generation <= generations; generation++) {
    const drawn = Array.from({ length: POPULATION }, () => mean.map((each, i) => each + deviation[i]! * rng.normal()))
    const scored = drawn.map((pairs, i) => {
      const student = studentOf(pairs, 1000 * seed + generation * POPULATION + i)
      const { mean: score, steps } = evaluatePolicy(student, make('CartPole-v1'), {
        episodes: EPISODES,
        seed: 1000 * generation,
      })
      environmentSteps += steps
      updates += UPDATES
      return { pairs, score }
    })
    const elite = scored.sort((a, b) => b.score - a.score).slice(0, ELITE)
    best = Math.max(best, elite[0]!.score)
    const noise = 0.3 * (1 - generation / generations) // keeps the search from narrowing too soon
    for (let i = 0; i < size; i++) {
      mean[i] = meanOf(elite.map(({ pairs }) => pairs[i]!))
      deviation[i] = noise + Math.sqrt(meanOf(elite.map(({ pairs }) => (pairs[i]! - mean[i]!) ** 2)))
    }
    yield [generation, best]
  }
  const returns = Array.from({ length: 10 }, (_, k) => {
    const student = studentOf(mean, 900_000 + 1000 * seed + k)
    return evaluatePolicy(student, () => make('CartPole-v1')).mean
  })
  const pairs = Array.from({ length: PAIRS }, (_, k) => {
    const row = Array.from(mean.subarray(k * (OBSERVATION + 1), (k + 1) * (OBSERVATION + 1)))
    return row.map((each, i) => each * (SCALES[i] ?? 1))
  })
  return { seed, returns, mean: meanOf(returns), environmentSteps, updates, pairs }
}

// A 12-12 student of fresh parameters.
function studentOf(numbers: Float64Array, seed: number): CategoricalPolicy {
  const observations = new Float32Array(PAIRS * OBSERVATION)
  const logits = new Float32Array(PAIRS * 2)
  for (let k = 0; k < PAIRS; k++) {
    const at = k * (OBSERVATION + 1)
    for (let j = 0; j < OBSERVATION; j++) observations[k * OBSERVATION + j] = SCALES[j]! * numbers[at + j]!
    logits[2 * k + 1] = 2 * numbers[at + OBSERVATION]!
  }
  const spec = { envId: 'CartPole-v1', observationSize: OBSERVATION, actionSpace: new Discrete(2) }
  const dataset = LabelledDataset.of(spec, { observations, logits })
  const objective = prepareObjective('policy', dataset, { temperature: { absolute: 1 } })
  const network = new MLP([OBSERVATION, 12, 12, objective.outputs], new Rng(seed), { activation: 'tanh' })
  return finish(fitStudent(network, dataset, objective, { seed, updates: UPDATES })) as CategoricalPolicy
}
