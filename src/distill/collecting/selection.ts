// Which states of a rollout are labelled. Each selection is an order to take them in; the collector skips those already labelled.
// Read next: collector.ts.

import { packedSize } from '../../data/packing.ts'
import { Box, Discrete, type Space } from '../../data/spaces.ts'
import { meanOf, quantile } from '../../data/statistics.ts'
import { type Standardizer, standardize } from '../../nn/layers/standardize.ts'
import type { EnvLike } from '../../rl/envs/vector/sync-vector-env.ts'
import { type Player, playedActions, type TeachingPolicy } from '../../rl/policies/policy.ts'
import { Rollout } from '../../rl/recorded-play.ts'
import type { Rng } from '../../tensor/random.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import { meanAndStd } from '../targets/target.ts'
import type { Teacher } from '../teachers/teacher.ts'
import { labelsBy } from '../teachers/teaching-agent.ts'

/**
 * `sequential`: the first states of the rollout.
 * `random`: states drawn without replacement.
 * `errors`: of several drawn from a student's play, the one where distance from all states selected before, times the students' error
 * by the teacher's outputs, is greatest. Each drawn state costs an evaluation of the teacher. In the first round, and with a teacher
 * that does not rank actions: `farthest`.
 * `farthest`: of several drawn, the one farthest from all states selected before (best-candidate sampling).
 * `box`: states drawn uniformly from the box that the rollout spans, widened. They are not played, so they have no actions or
 * returns. For few dimensions that vary independently.
 */
export type Selection = 'errors' | 'sequential' | 'random' | 'farthest' | 'box'

export const selections: readonly Selection[] = ['farthest', 'errors', 'random', 'sequential', 'box']

export function sequentialOrder(rollout: Rollout): Int32Array {
  return Int32Array.from({ length: rollout.size }, (_, i) => i)
}

/**
 * `count` states that lie apart from each other and from those already `labelled`, each the farthest of `candidates` drawn ones,
 * then all states in random order. Distances are Euclidean between standardized observations. Mitchell 1991, "Spectrally optimal
 * sampling for distribution ray tracing", section 4; as active learning: Sener and Savarese 2018, arXiv:1708.00489.
 *
 * @param labelled [states, observationSize]
 * @param weightsOf factors of the distances of drawn states, positive, in their order. Default: all 1
 */
export function farthestOrder(
  rollout: Rollout,
  labelled: Float32Array,
  count: number,
  candidates: number,
  standardizer: Standardizer,
  rng: Rng,
  weightsOf?: (indices: Int32Array) => ArrayLike<number>,
): Int32Array {
  const drawn = rng.permutation(rollout.size)
  const width = rollout.observationSize
  const taken = new Float32Array(labelled.length + count * width) // standardized, up to `end`
  taken.set(standardize(labelled, standardizer))
  let end = labelled.length
  const draws = Array.from({ length: count }, (_, k) =>
    Array.from({ length: end + k > 0 ? candidates : 1 }, () => rng.integer(rollout.size)),
  )
  const different = Int32Array.from(new Set(draws.flat()))
  const weights = weightsOf?.(different)
  const weightOf = new Map(Array.from(different, (index, i) => [index, weights?.[i] ?? 1]))
  const order = new Int32Array(count + rollout.size)
  for (const [k, indices] of draws.entries()) {
    let [best, farthest] = [-1, -1]
    for (const index of indices) {
      const state = standardize(rollout.observation(index), standardizer)
      const distance = squaredDistance(state, taken, end) * weightOf.get(index)! ** 2
      if (distance > farthest) [best, farthest] = [index, distance]
    }
    taken.set(standardize(rollout.observation(best), standardizer), end)
    end += width
    order[k] = best
  }
  order.set(drawn, count)
  return order
}

// From a state to the nearest of those before `end`.
function squaredDistance(state: Float32Array, others: Float32Array, end: number): number {
  let nearest = Infinity
  for (let at = 0; at < end; at += state.length) {
    let sum = 0
    for (let j = 0; j < state.length; j++) sum += (state[j]! - others[at + j]!) ** 2
    if (sum < nearest) nearest = sum
  }
  return nearest
}

/** How far the box extends beyond the states, in interquartile ranges: the whiskers of a box plot (Tukey 1977). */
const WIDENING = 1.5

/** `count` states drawn uniformly from the box that a rollout spans, widened, within the bounds of the observation space. */
export function sampleBox(rollout: Rollout, envs: EnvLike, count: number, rng: Rng): Rollout {
  const { low, high } = boxAround(rollout, envs)
  const width = rollout.observationSize
  const observations = new Float32Array(count * width)
  for (let i = 0; i < observations.length; i++) observations[i] = rng.uniform(low[i % width]!, high[i % width]!)
  return Rollout.ofStates(rollout.envId, width, observations, rollout.environmentSteps, rollout.evaluations)
}

/** Least and greatest number of each dimension, minus and plus 1.5 interquartile ranges, within the observation space. */
export function boxAround(rollout: Rollout, envs: EnvLike): { low: Float64Array; high: Float64Array } {
  const { observationSize, size } = rollout
  const low = new Float64Array(observationSize)
  const high = new Float64Array(observationSize)
  const bounds = envs.observationSpace instanceof Box ? envs.observationSpace : undefined
  for (let k = 0; k < observationSize; k++) {
    const sorted = Float64Array.from({ length: size }, (_, i) => rollout.observation(i)[k]!).sort()
    const margin = WIDENING * (quantile(sorted, 0.75) - quantile(sorted, 0.25))
    low[k] = Math.max(sorted[0]! - margin, bounds?.low[k] ?? -Infinity)
    high[k] = Math.min(sorted[size - 1]! + margin, bounds?.high[k] ?? Infinity)
  }
  return { low, high }
}

/** Adds the first `count` states of `order` that the dataset does not hold yet. Returns how many there were. */
export function take(rollout: Rollout, order: Int32Array, count: number, dataset: LabelledDataset): number {
  let found = 0
  for (const index of order) {
    if (found === count) break
    if (dataset.contains(rollout.observation(index))) continue
    dataset.add(rollout.row(index))
    found++
  }
  return found
}

/** Weight of a state without error; an error of one deviation adds 1. */
const LEAST = 0.1

/** Whether a teacher's outputs tell how wrong an action is. */
export function ranksActions({ kinds }: Teacher): boolean {
  return kinds.some((kind) => kind === 'actionValues' || kind === 'logits' || kind === 'mean')
}

/** 0.1 + the mean of the students' errors in each state: [count]. `states` are [count, observationSize]. */
export function errorWeights(
  students: readonly Player[],
  teacher: TeachingPolicy,
  states: Float32Array,
  actionSpace: Space<unknown>,
): Float64Array {
  const errorsOf = actionSpace instanceof Discrete ? regrets(teacher, states) : distances(teacher, states, actionSpace)
  const errors = students.map((student) => errorsOf(playedActions(student, states)))
  return Float64Array.from(errors[0]!, (_, i) => LEAST + meanOf(errors.map((each) => each[i]!)))
}

type Errors = (actions: ArrayLike<number>) => Float64Array

/** (max Q(s, ·) - Q(s, a)) / unit, Q the teacher's action values or logits [count, actions], unit the mean deviation of Q(s, ·) over the actions. */
function regrets(teacher: TeachingPolicy, states: Float32Array): Errors {
  const count = states.length / teacher.observationSize
  const { actionValues, logits } = labelsBy(teacher, states, count)
  const outputs = actionValues ?? logits!
  const width = outputs.length / count
  const rows = Array.from({ length: count }, (_, i) => outputs.subarray(i * width, (i + 1) * width))
  const unit = meanOf(rows.map((row) => meanAndStd(row).std)) || 1
  return (actions) => Float64Array.from(rows, (row, i) => (Math.max(...row) - row[actions[i]!]!) / unit)
}

/** ‖a - a*‖ / √width / unit, a* the teacher's action [count, width], unit the deviation of its actions over the states. */
function distances(teacher: TeachingPolicy, states: Float32Array, actionSpace: Space<unknown>): Errors {
  const expert = Float32Array.from(playedActions(teacher, states))
  const width = packedSize(actionSpace)
  const unit = meanAndStd(expert).std || 1
  return (actions) =>
    Float64Array.from({ length: expert.length / width }, (_, i) => {
      let squares = 0
      for (let j = i * width; j < (i + 1) * width; j++) squares += (actions[j]! - expert[j]!) ** 2
      return Math.sqrt(squares / width) / unit
    })
}
