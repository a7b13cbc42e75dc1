// A job is one task with one seed. Each leaves one JSON file, so that jobs can be shared out among processes and machines, in
// any order, and put together afterwards. Read next: summary.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { algorithm } from '../../rl/algorithms/registry.ts'
import { evaluatePolicy } from '../../rl/evaluate.ts'
import { readOptions } from '../../rl/options.ts'
import type { FinishedEpisode } from '../../rl/training.ts'
import { FileError, fileReason, UsageError } from '../failures.ts'
import { drive } from '../interrupt.ts'
import { singleEnv, trainingEnvs } from '../training/environments.ts'
import { type Curve, curveOf } from './curve.ts'
import type { Task } from './plan.ts'

export interface Job {
  readonly task: Task
  readonly seed: number
}

export interface JobResult {
  readonly task: string
  readonly seed: number
  /** What was run, defaults included: a result of other settings than the plan's is none. */
  readonly settings: unknown
  /** Environment steps of the training. */
  readonly steps: number
  /** Seconds of processor time that the training took. */
  readonly cpuSeconds: number
  /** Greedy returns of a hundred episodes. */
  readonly returns: readonly number[]
  readonly mean: number
  readonly curve: Curve
}

/** Part `index` of `count`, from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

export const JOBS = 'jobs'

/** `2/8`. Throws a `UsageError` on anything else. */
export function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number)
  if (index >= 1 && index <= count) return { index, count }
  throw new UsageError(`--shard: expected i/n with i from 1 to n, such as 2/8, given "${text}"`)
}

/** The jobs of one shard: every `count`-th of all, so that each shard has some of every task. */
export function jobsOf(tasks: readonly Task[], seeds: number, { index, count }: Shard): Job[] {
  const all = tasks.flatMap((task) => Array.from({ length: seeds }, (_, seed) => ({ task, seed })))
  return all.filter((_, i) => i % count === index - 1)
}

export function fileOf({ task, seed }: Job): string {
  return join(JOBS, `${task.name}-${seed}.json`)
}

export async function runJob({ task, seed }: Job): Promise<JobResult> {
  const episodes: FinishedEpisode[] = []
  let steps = 0
  const before = process.cpuUsage()
  const { train, observes } = algorithm(task.algorithm)
  const training = train(trainingEnvs(task.env, task.numEnvs, observes), { ...task.options, seed })
  const agent = await drive(training, (report) => {
    steps = report.step
    episodes.push(...report.episodes)
  })
  const { user, system } = process.cpuUsage(before)
  const { returns, mean } = evaluatePolicy(agent, () => singleEnv(task.env))
  return {
    task: task.name,
    seed,
    settings: settingsOf(task),
    steps,
    cpuSeconds: (user + system) / 1e6,
    returns,
    mean,
    curve: curveOf(episodes, totalStepsOf(task)),
  }
}

/** Whether the folder holds this job's result, made by the settings that the plan has now. */
export function isDone(folder: string, job: Job): boolean {
  const path = join(folder, fileOf(job))
  return existsSync(path) && isOf(readResult(path), job.task)
}

/**
 * The results in the folder that belong to the tasks as they are now, of seeds below `seeds`, by seed. Throws a `UsageError`
 * if there are none.
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
  throw new UsageError(`no results in "${path}"${others}; run "alambic benchmark" first`)
}

/** Environment steps that the training may take. */
export function totalStepsOf(task: Task): number {
  return Number(optionsOf(task).totalTimesteps)
}

function optionsOf({ algorithm: name, options }: Task): Readonly<Record<string, unknown>> {
  return readOptions(name, algorithm(name).options, options)
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
    throw new FileError(`cannot read the result "${path}": ${fileReason(error)}. Remove it to run the job again`)
  }
}
