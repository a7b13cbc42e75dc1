// The folder of teachers: for each a network and a page of figures, `cartpole-1.safetensors` and `cartpole-1.json`, and for
// each task a line for every candidate that was tried, `cartpole-candidates.jsonl`. Read next: ../commands/study.ts.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileError, fileReason, UsageError } from '../../../src/cli/failures.ts'
import { OutputFolder } from '../../../src/cli/output-folder.ts'
import { loadParameters, saveParameters } from '../../../src/nn/checkpoint.ts'
import { JsonLines } from '../../lib/json-lines.ts'
import type { StudyTask } from '../tasks.ts'
import type { TeacherRecipe } from './recipes.ts'
import { type Candidate, newTeacher, type TeacherAgent } from './train.ts'

/** What is known about a candidate, whether it passed or not. */
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

/** What stands beside a teacher's network. */
export interface TeacherFigures extends CandidateFigures {
  readonly number: number
  readonly parameters: number
  /** Greedy returns on the starts of all comparisons. */
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

  /** The network first: figures without one would be a lie. Gives the path of the network. */
  write(figures: TeacherFigures, agent: TeacherAgent): string {
    const folder = OutputFolder.open(this.path)
    const name = `${figures.task}-${figures.number}`
    const about = { algorithm: figures.algorithm, environment: figures.env, role: 'teacher' }
    const path = folder.write(`${name}.safetensors`, saveParameters(agent, about))
    folder.writeJson(`${name}.json`, figures)
    return path
  }

  /** Throws a `UsageError` that says how to train it if there is no such teacher. */
  require(task: StudyTask, number: number): void {
    if (this.has(task, number)) return
    throw new UsageError(
      `no teacher ${task.name}-${number} in "${this.path}"; train it with "alambic study teachers --task ${task.name} --count ${number}"`,
    )
  }

  /** Throws a `UsageError` if there is no such teacher, a `FileError` or a `CheckpointError` if it cannot be read. */
  read(task: StudyTask, number: number): SavedTeacher {
    this.require(task, number)
    const figures = JSON.parse(readBytes(this.file(task, number, 'json')).toString()) as TeacherFigures
    const agent = newTeacher(task, figures)
    loadParameters(agent, readBytes(this.file(task, number, 'safetensors')))
    return { agent, figures }
  }

  /** Every candidate that was tried for a task, in the order tried. */
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

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new FileError(`cannot read "${path}": ${fileReason(error)}`)
  }
}
