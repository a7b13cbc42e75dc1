// Trains one teacher by its recipe and keeps the checkpoint with the best greedy return on validation episodes, the latest of equal
// ones. Whether it passes is decided on other episodes. Read next: ../teachers.ts, which reads it.

import { type HasParameters, MLP, orthogonal, Sequential } from 'alambic/nn'
import { type AnyEnv, algorithm, makeVec, TransformReward } from 'alambic/rl'
import { mul, type Rng, sub, type Tensor, tensor, ValueError } from 'alambic/tensor'
import { play, startSeeds, taskOf } from '../tasks.ts'
import { newTeacher, type TeacherAgent } from '../teachers.ts'
import type { Recipe } from './recipes.ts'

const CHECKS = 60
const MOST_SEEDS = 8

export interface Trained {
  readonly agent: TeacherAgent
  readonly seed: number
  /** Environment steps up to the checkpoint, and of the whole training. */
  readonly steps: number
  readonly trainedSteps: number
  readonly validation: number
  readonly judged: number
}

/** Tries the recipe's seeds in turn. Throws a `ValueError` if none passes. */
export function trainTeacher(recipe: Recipe, onReport: (step: number, best: number) => void): Trained {
  const judged: string[] = []
  for (let i = 0; i < MOST_SEEDS; i++) {
    const trained = trainOnce(recipe, recipe.seed + 1000 * i, onReport)
    const most = recipe.aim === undefined ? Infinity : 2 * recipe.aim - recipe.least
    if (trained.judged >= recipe.least && trained.judged <= most) return trained
    judged.push(`${trained.judged.toFixed(1)} (seed ${trained.seed})`)
  }
  throw new ValueError(`${recipe.name}: no seed reaches ${recipe.least}: ${judged.join(', ')}; change the recipe`)
}

function trainOnce(recipe: Recipe, seed: number, onReport: (step: number, best: number) => void): Trained {
  const { options, observations, aim } = recipe
  const task = taskOf(recipe.task)
  const interval = options.totalTimesteps / CHECKS
  const best = { validation: -Infinity, distance: Infinity, steps: 0, values: [] as Float32Array[] }
  let trainedSteps = 0
  let next = interval
  for (const { step, agent } of training(recipe, options, seed)) {
    trainedSteps = step
    onReport(step, best.validation)
    if (step < next && step < options.totalTimesteps) continue
    next = step + interval
    const { mean } = play(agent, task, startSeeds.validation)
    const distance = aim === undefined ? -mean : Math.abs(mean - aim)
    if (distance > best.distance) continue
    const values = Object.values(agent.parameters()).map((each) => Float32Array.from(each.view()))
    Object.assign(best, { validation: mean, distance, steps: step, values })
  }
  const agent = newTeacher(recipe)
  for (const [i, each] of Object.values(agent.parameters()).entries()) each.view().set(best.values[i]!)
  if (observations !== undefined) fuse(agent, observations)
  const judged = play(agent, task, startSeeds.judgement).mean
  return { agent, seed, steps: best.steps, trainedSteps, validation: best.validation, judged }
}

/** The training of a recipe with the given options: yields the environment steps so far and the agent, which takes raw observations. */
export function* training(
  { task, algorithm: name, numEnvs, observations, rewardScale = 1 }: Recipe,
  options: Recipe['options'],
  seed: number,
): Generator<{ readonly step: number; readonly agent: TeacherAgent }, void> {
  const wrap = (env: AnyEnv) => new TransformReward(env, (reward) => rewardScale * reward) as AnyEnv
  const envs = makeVec(taskOf(task).env, numEnvs, rewardScale === 1 ? {} : { wrap })
  const networks = observations && networksOf(observations, options.hidden as readonly number[])
  for (const { step, agent } of algorithm(name).train(envs, { ...options, ...networks, seed })) {
    yield { step, agent: agent as unknown as TeacherAgent }
  }
}

/** The default networks of the actor-critics behind a standardization of the observations. */
function networksOf({ mean, deviation }: NonNullable<Recipe['observations']>, hidden: readonly number[]) {
  const [m, d] = [tensor(mean), tensor(deviation.map((each) => 1 / each))]
  const behind =
    (gain: number) =>
    ({ inputs, outputs, rng }: { inputs: number; outputs: number; rng: Rng }) =>
      new Sequential(
        (x: Tensor) => mul(sub(x, m), d),
        new MLP([inputs, ...hidden, outputs], rng, {
          activation: 'tanh',
          weightInit: orthogonal(Math.SQRT2),
          outputInit: orthogonal(gain),
        }),
      )
  return { network: behind(0.01), critic: behind(1) }
}

/** First layers of standardized observations become those of raw ones: W/σ and b - W μ/σ. */
function fuse(agent: HasParameters, { mean, deviation }: NonNullable<Recipe['observations']>): void {
  const parameters = agent.parameters()
  for (const network of ['actor', 'critic']) {
    const weight = parameters[`${network}.0.weight`]!.view()
    const bias = parameters[`${network}.0.bias`]!.view()
    for (let i = 0; i < weight.length; i++) {
      const [row, column] = [Math.floor(i / mean.length), i % mean.length]
      weight[i]! /= deviation[column]!
      bias[row]! -= weight[i]! * mean[column]!
    }
  }
}
