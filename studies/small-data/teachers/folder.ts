// The folder of teachers. Each has a network and its figures, `cartpole-1.safetensors` and `cartpole-1.json`; each task has a
// line for every candidate tried, `cartpole-candidates.jsonl`. Read next: command.ts.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadParameters, saveParameters } from 'alambic/nn'
import { ValueError } from 'alambic/tensor'
import { writeJson, writeWhole } from '../../lib/files.ts'
import { JsonLines } from '../../lib/json-lines.ts'
import { withCurrentNames } from '../stored-names.ts'
import type { StudyTask } from '../tasks.ts'
import type { TeacherRecipe } from './recipes.ts'
import { type Candidate, newTeacher, type TeacherAgent } from './train.ts'

/** The figures of a candidate, whether it passed or not. */
export interface CandidateFigures {
  readonly task: string
  readonly env: string
  readonly algorithm: string
  readonly numEnvs: number
  readonly options: TeacherRecipe['options']
  readonly seed: number
  readonly steps: number
  readonly trainedSteps: number
  readonly threshold: number
  readonly validation: number
  readonly judged: number
  readonly passed: boolean
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/** The figures stored with a teacher's network. */
export interface TeacherFigures extends CandidateFigures {
  readonly number: number
  readonly parameters: number
  /** Greedy returns from the start states of all comparisons. */
  readonly evaluation: {
    readonly mean: number
    readonly standardDeviation: number
    readonly returns: readonly number[]
  }
}

export interface SavedTeacher {
  readonly agent: TeacherAgent
  readonly figures: TeacherFigures
}

export class TeacherFolder {
  constructor(readonly path: string) {}

  has(task: StudyTask, number: number): boolean {
    return existsSync(this.file(task, number, 'json'))
  }

  /** Writes the network, then its figures, which mark the teacher as complete. */
  write(figures: TeacherFigures, agent: TeacherAgent): void {
    const path = join(this.path, `${figures.task}-${figures.number}`)
    const about = { algorithm: figures.algorithm, environment: figures.env, role: 'teacher' }
    writeWhole(`${path}.safetensors`, saveParameters(agent, about))
    writeJson(`${path}.json`, figures)
  }

  /** Throws a `ValueError` with the command that trains it if there is no such teacher. */
  require(task: StudyTask, number: number): void {
    if (this.has(task, number)) return
    throw new ValueError(
      `no teacher ${task.name}-${number} in "${this.path}"; train it with "npm run study -- teachers --task ${task.name} --count ${number}"`,
    )
  }

  /** Throws a `ValueError` if there is no such teacher, a `CheckpointError` if its network does not fit. */
  read(task: StudyTask, number: number): SavedTeacher {
    this.require(task, number)
    const stored = JSON.parse(readFileSync(this.file(task, number, 'json'), 'utf8')) as TeacherFigures
    const figures = { ...stored, options: withCurrentNames(stored.options) }
    const agent = newTeacher(task, figures)
    loadParameters(agent, readFileSync(this.file(task, number, 'safetensors')))
    return { agent, figures }
  }

  /** Every candidate tried for a task, in order. */
  candidates(task: StudyTask): JsonLines<CandidateFigures> {
    return new JsonLines(join(this.path, `${task.name}-candidates.jsonl`))
  }

  private file(task: StudyTask, number: number, kind: 'json' | 'safetensors'): string {
    return join(this.path, `${task.name}-${number}.${kind}`)
  }
}

export function figuresOf(
  task: StudyTask,
  recipe: TeacherRecipe,
  seed: number,
  candidate: Candidate,
  time: { readonly cpuSeconds: number; readonly wallSeconds: number },
): CandidateFigures {
  const { algorithm, numEnvs, options } = recipe
  const { steps, trainedSteps, validation, judged, passed } = candidate
  return {
    task: task.name,
    env: task.env,
    algorithm,
    numEnvs,
    options,
    seed,
    steps,
    trainedSteps,
    threshold: task.threshold,
    validation,
    judged,
    passed,
    ...time,
  }
}
