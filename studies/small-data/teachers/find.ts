// The search for teachers: candidates are trained, one seed after another, until enough of them pass. Read next: folder.ts.

import { formatCount, formatFixed } from 'alambic/plot'
import { DivergenceError } from 'alambic/tensor'
import { startProgress } from '../../lib/progress.ts'
import { stopwatch } from '../../lib/stopwatch.ts'
import { withStoredNames } from '../stored-names.ts'
import type { StudyTask } from '../tasks.ts'
import { type CandidateFigures, figuresOf, type TeacherFolder } from './folder.ts'
import type { TeacherRecipe } from './recipes.ts'
import { trainCandidate } from './train.ts'

export interface SearchOptions {
  /** Teachers wanted, numbered from 1. */
  readonly count: number
  /** Seed of the first candidate; the next ones count up. */
  readonly firstSeed: number
  /** Candidates to try at most, those of earlier searches with the same recipe included. */
  readonly candidates: number
}

/**
 * Trains candidates until teachers 1 to `count` of a task are in the folder. Teachers in the folder stay, and candidates tried
 * before with the same recipe are not tried again. Throws a `DivergenceError` if too few pass.
 */
export function findTeachers(
  task: StudyTask,
  recipe: TeacherRecipe,
  folder: TeacherFolder,
  { count, firstSeed, candidates }: SearchOptions,
): void {
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  const log = folder.candidates(task)
  const tried = new Set(
    log
      .read()
      .filter((each) => sameRecipe(each, recipe))
      .map(({ seed }) => seed),
  )
  for (let seed = firstSeed; seed < firstSeed + candidates; seed++) {
    const number = numbers.find((each) => !folder.has(task, each))
    if (number === undefined) return
    if (tried.has(seed)) continue
    const elapsed = stopwatch()
    const progress = startProgress(`${task.name}, seed ${seed}`, recipe.options.totalTimesteps, 'steps')
    const candidate = trainCandidate(task, recipe, seed, (step, best) =>
      progress.update(step, `best ${formatFixed(best)}`),
    )
    const figures = figuresOf(task, recipe, seed, candidate, elapsed())
    const { mean, standardDeviation, returns } = candidate.evaluation
    if (candidate.passed) {
      const { parameters } = candidate
      folder.write(
        { ...figures, number, parameters, evaluation: { mean, standardDeviation, returns } },
        candidate.agent,
      )
    }
    log.append(figures) // after the teacher: a kill in between repeats one training and loses no teacher
    const verdict = candidate.passed ? `teacher ${task.name}-${number}` : 'does not pass'
    progress.finish(`${formatFixed(candidate.judged)} after ${formatCount(candidate.steps)} steps, ${verdict}`)
  }
  const missing = numbers.filter((each) => !folder.has(task, each)).length
  if (missing > 0) {
    throw new DivergenceError(
      `${task.name}: ${count - missing} of ${count} teachers after ${candidates} candidates; ` +
        `allow more by --candidates, or change the recipe`,
    )
  }
}

function sameRecipe(figures: CandidateFigures, { algorithm, numEnvs, options }: TeacherRecipe): boolean {
  const tried = [figures.algorithm, figures.numEnvs, withStoredNames(figures.options)]
  return JSON.stringify(tried) === JSON.stringify([algorithm, numEnvs, withStoredNames(options)])
}
