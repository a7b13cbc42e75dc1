// The teachers of the study: small networks, committed with their figures, and two that Stable-Baselines3 trained.
// `npm run study -- few-labels-teachers` trains them. Read next: teachers/recipes.ts.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TeachingPolicy } from 'alambic/distill'
import { type HasParameters, loadParameters } from 'alambic/nn'
import { algorithm, loadSb3Policy, makeVec, type Policy } from 'alambic/rl'
import { ValueError } from 'alambic/tensor'
import { type Task, taskOf } from './tasks.ts'
import type { Recipe, Role } from './teachers/recipes.ts'

export const TEACHERS = 'studies/few-labels/teachers'

/** Trained by Stable-Baselines3; see test/golden/teachers/README.md. */
const STABLE_BASELINES = 'test/golden/teachers'

export type TeacherAgent = Policy & HasParameters & TeachingPolicy

/** What is stored with a teacher's network. */
export interface TeacherFigures extends Pick<Recipe, 'name' | 'task' | 'algorithm' | 'numEnvs' | 'options' | 'file'> {
  readonly role: Role
  readonly seed: number
  /** Environment steps up to the checkpoint, and of the whole training. */
  readonly steps: number
  readonly trainedSteps: number
  readonly parameters: number
  /** Mean greedy returns of the episodes that chose the checkpoint and of those that judged it. */
  readonly validation: number
  readonly judged: number
  /** Mean greedy return of the hundred episodes of all comparisons. */
  readonly mean: number
  /** Mean return of random actions in the same task. */
  readonly random: number
  readonly cpuSeconds: number
}

export interface Teacher {
  readonly agent: TeacherAgent
  readonly task: Task
  readonly mean: number
  readonly random: number
  readonly figures: TeacherFigures
}

/** The teacher of that name, such as `cartpole-dqn`, read from files below the working directory. */
export function readTeacher(name: string): Teacher {
  const figures = readFigures(name)
  const task = taskOf(figures.task)
  const { mean, random, file } = figures
  if (file !== undefined) return { agent: readStableBaselines(file).agent, task, mean, random, figures }
  const agent = newTeacher(figures)
  loadParameters(agent, readFileSync(join(TEACHERS, `${name}.safetensors`)))
  return { agent, task, mean, random, figures }
}

/** Throws a `ValueError` with the command that trains the teacher if it has no file. */
export function readFigures(name: string): TeacherFigures {
  const path = join(TEACHERS, `${name}.json`)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as TeacherFigures
  throw new ValueError(
    `no file "${path}"; train the teacher with "npm run study -- few-labels-teachers --names ${name}" in the project's folder`,
  )
}

/** A policy of Stable-Baselines3 and the environment steps of its training. */
export function readStableBaselines(file: string): { readonly agent: TeacherAgent; readonly steps: number } {
  const path = join(STABLE_BASELINES, file)
  const agent = loadSb3Policy(readFileSync(`${path}.safetensors`)) as unknown as TeacherAgent
  const { timesteps } = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { readonly timesteps: number }
  return { agent, steps: timesteps }
}

/** An untrained network of the recipe's shape. */
export function newTeacher({ task, algorithm: name, options }: Pick<Recipe, 'task' | 'algorithm' | 'options'>) {
  return algorithm(name).newAgent(makeVec(taskOf(task).env, 1), options) as unknown as TeacherAgent
}
