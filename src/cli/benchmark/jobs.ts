// A job is one task with one seed. Each leaves one JSON file, so that jobs can be shared out among processes and machines, in
// any order, and put together afterwards. Read next: ../commands/benchmark.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { algorithm } from '../../rl/algorithms/registry.ts'
import { evaluate } from '../../rl/evaluate.ts'
import { FileError, fileReason, UsageError } from '../failures.ts'
import { drive } from '../interrupt.ts'
import { singleEnv, trainingEnvs } from '../training/environments.ts'
import type { Task } from './plan.ts'

export interface Job {
  readonly task: Task
  readonly seed: number
}

export interface JobResult {
  readonly task: string
  readonly seed: number
  /** Environment steps of the training. */
  readonly steps: number
  /** Greedy returns of a hundred episodes. */
  readonly returns: readonly number[]
  readonly mean: number
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
  let steps = 0
  const training = algorithm(task.algorithm).train(trainingEnvs(task.env, task.numEnvs), { ...task.options, seed })
  const agent = await drive(training, (report) => {
    steps = report.step
  })
  const { returns, mean } = evaluate(agent, () => singleEnv(task.env))
  return { task: task.name, seed, steps, returns, mean }
}

/** All results that lie in the folder, by task and seed. Throws a `UsageError` if there are none. */
export function readResults(folder: string): JobResult[] {
  const path = join(folder, JOBS)
  const names = existsSync(path) ? readdirSync(path).filter((name) => /^[^.].*\.json$/.test(name)) : []
  if (names.length === 0) throw new UsageError(`no results in "${path}"; run "alambic benchmark" first`)
  return names.map((name) => readResult(join(path, name))).sort((a, b) => a.seed - b.seed)
}

function readResult(path: string): JobResult {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JobResult
  } catch (error) {
    throw new FileError(`cannot read the result "${path}": ${fileReason(error)}`)
  }
}
