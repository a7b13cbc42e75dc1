// A job is one task with one seed. Each leaves one JSON file, so processes and machines can divide the jobs among them in any
// order. Read next: summary.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { algorithm, defaultsOf, evaluatePolicy, type FinishedEpisode, make, makeVec } from 'alambic/rl'
import { ValueError } from 'alambic/tensor'
import type { Shard } from '../lib/options.ts'
import { stopwatch } from '../lib/stopwatch.ts'
import { type Curve, curveOf } from './curve.ts'
import type { Task } from './plan.ts'

export interface Job {
  readonly task: Task
  readonly seed: number
}

export interface JobResult {
  readonly task: string
  readonly seed: number
  /** Algorithm, environment and all options, defaults included. A result with other settings than the plan's is ignored. */
  readonly settings: unknown
  /** Environment steps of the training. */
  readonly steps: number
  /** Processor seconds of the training. */
  readonly cpuSeconds: number
  /** Greedy returns of a hundred episodes. */
  readonly returns: readonly number[]
  readonly mean: number
  readonly curve: Curve
}

export const JOBS = 'jobs'

/** The jobs of one shard: every `count`-th of all, so each shard has jobs of every task. */
export function jobsOf(tasks: readonly Task[], seeds: number, { index, count }: Shard): Job[] {
  const all = tasks.flatMap((task) => Array.from({ length: seeds }, (_, seed) => ({ task, seed })))
  return all.filter((_, i) => i % count === index - 1)
}

export function fileOf({ task, seed }: Job): string {
  return join(JOBS, `${task.name}-${seed}.json`)
}

/** Trains one agent and evaluates its greedy policy over a hundred episodes. */
export function runJob({ task, seed }: Job): JobResult {
  const episodes: FinishedEpisode[] = []
  let steps = 0
  const elapsed = stopwatch()
  const training = algorithm(task.algorithm).train(makeVec(task.env, task.numEnvs), { ...task.options, seed })
  let next = training.next()
  for (; next.done !== true; next = training.next()) {
    steps = next.value.step
    episodes.push(...next.value.episodes)
  }
  const { cpuSeconds } = elapsed()
  const { returns, mean } = evaluatePolicy(next.value, () => make<Float32Array, unknown>(task.env))
  return {
    task: task.name,
    seed,
    settings: settingsOf(task),
    steps,
    cpuSeconds,
    returns,
    mean,
    curve: curveOf(episodes, totalStepsOf(task)),
  }
}

/** Whether the folder holds a result of this job with the plan's current settings. */
export function isDone(folder: string, job: Job): boolean {
  const path = join(folder, fileOf(job))
  return existsSync(path) && isOf(readResult(path), job.task)
}

/**
 * The results in the folder that have the tasks' current settings and seeds below `seeds`, sorted by seed. Throws a
 * `ValueError` if there are none.
 */
export function readResults(folder: string, tasks: readonly Task[], seeds: number): JobResult[] {
  const path = join(folder, JOBS)
  const names = existsSync(path) ? readdirSync(path).filter((name) => /^[^.].*\.json$/.test(name)) : []
  const results = names.map((name) => readResult(join(path, name)))
  const own = results.filter(
    (result) => result.seed < seeds && tasks.some((task) => task.name === result.task && isOf(result, task)),
  )
  if (own.length > 0) return own.sort((a, b) => a.seed - b.seed)
  const others = results.length === 0 ? '' : ` (${results.length} of other tasks, seeds or settings)`
  throw new ValueError(`no results in "${path}"${others}; run "npm run benchmark" first`)
}

/** Environment steps of the whole training. */
export function totalStepsOf(task: Task): number {
  return Number(optionsOf(task).totalTimesteps)
}

function optionsOf({ algorithm: name, options }: Task): Readonly<Record<string, unknown>> {
  return { ...defaultsOf(algorithm(name).options), ...options }
}

function settingsOf(task: Task): unknown {
  const { algorithm: name, env, numEnvs } = task
  const { seed: _, ...options } = optionsOf(task)
  return { algorithm: name, env, numEnvs, options }
}

function isOf(result: JobResult, task: Task): boolean {
  return JSON.stringify(result.settings) === JSON.stringify(settingsOf(task))
}

function readResult(path: string): JobResult {
  try {
    const result = JSON.parse(readFileSync(path, 'utf8')) as JobResult
    if (!Array.isArray(result?.returns) || !Array.isArray(result.curve))
      throw new Error('it is not the result of a job')
    return result
  } catch (error) {
    throw new Error(`cannot read the result "${path}": ${(error as Error).message}. Remove it to run the job again`)
  }
}
