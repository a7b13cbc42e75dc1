// One cell of the study, from teacher to evaluated student with its costs. Read next: summary.ts.

import { type Distilled, type DistillOptions, distill, distillOptions, type TargetName, viper } from 'alambic/distill'
import { countParameters, type HasParameters } from 'alambic/nn'
import {
  algorithm,
  defaultsOf,
  expectedEntropy,
  finish,
  Lookahead,
  make,
  makeVec,
  type Policy,
  ValueFunction,
} from 'alambic/rl'
import { stopwatch } from '../lib/stopwatch.ts'
import { fingerprint } from '../small-data/fingerprint.ts'
import {
  type DistillationMethod,
  methodOf,
  type PlayMethod,
  type ReinforcementMethod,
  type TreeMethod,
} from './methods.ts'
import type { Cell, CellRecord, Costs } from './record.ts'
import { play, startSeeds } from './tasks.ts'
import { recipeOf } from './teachers/recipes.ts'
import { training } from './teachers/train.ts'
import { readFigures, readTeacher, type Teacher } from './teachers.ts'

interface Learned {
  readonly policy: Policy
  readonly costs: Costs
}

/** Trains and evaluates the student of a cell. Equal cells give equal students, bit for bit. */
export function runCell(cell: Cell): CellRecord {
  const teacher = readTeacher(cell.teacher)
  const elapsed = stopwatch()
  const { policy, costs } = learn(cell, teacher)
  const { cpuSeconds, wallSeconds } = elapsed()
  const { mean } = play(policy, teacher.task, startSeeds.evaluation)
  const { mean: teacherReturn, random: randomReturn } = teacher
  return {
    ...cell,
    role: teacher.figures.role,
    settings: settingsOf(cell),
    score: (mean - randomReturn) / (teacherReturn - randomReturn),
    ...{ return: mean, teacherReturn, randomReturn, ...costs, wallSeconds, cpuSeconds },
  }
}

/** A hash of the options of a cell's method, defaults included, and of its teacher. */
export function settingsOf({ method: name, teacher }: Cell): string {
  const { name: _name, about: _about, discrete: _discrete, family: _family, ...method } = methodOf(name)
  const options = 'distillation' in method ? resolved(method.distillation) : method
  const labels = 'labels' in method ? method.labels?.(100) : undefined
  const { seed, steps, mean } = readFigures(teacher)
  return fingerprint([options, labels, teacher, seed, steps, mean])
}

/** With the defaults. Only `errors` has another number of candidates than 5. */
function resolved(given: DistillationMethod['distillation']) {
  const options = { ...defaultsOf(distillOptions), ...given }
  return options.selection === 'errors' || options.candidates !== 'auto' ? options : { ...options, candidates: 5 }
}

/** A seed of the teacher and the seed, the same for all methods; at least 1000 from any other. Far from the seeds of evaluations. */
function seedOf({ teacher, seed }: Cell): number {
  const number = Number.parseInt(fingerprint(teacher), 16) % 4000
  return 20_000_000 + 1000 * (1000 * number + seed)
}

function learn(cell: Cell, teacher: Teacher): Learned {
  const method = methodOf(cell.method)
  if ('distillation' in method) return distil(cell, teacher, method)
  if ('playSteps' in method) return learnAtPlay(cell, teacher, method)
  return 'viper' in method ? grow(cell, teacher, method) : reinforce(cell, method)
}

function distil(cell: Cell, { agent, task, figures }: Teacher, method: DistillationMethod): Learned {
  const gamma = gammaOf(figures)
  const options = {
    ...method.distillation,
    labels: method.labels?.(cell.labels) ?? cell.labels,
    ...{ hidden: hiddenOf(cell), seed: seedOf(cell), gamma },
  } as DistillOptions<TargetName>
  const env = method.distillation.target === 'value-successors' ? make(task.env) : makeVec(task.env, 1)
  const { student, cost } = finish(distill<TargetName>(env, agent, options))
  const counted = countedOf(cost, countParameters(student as HasParameters))
  const twice = method.labelsInPlay ? cost.labels : 0
  const costs = { ...counted, teacherEvaluations: counted.teacherEvaluations - twice }
  const policy = student instanceof ValueFunction ? new Lookahead(student, make(task.env), { gamma }) : student
  return { policy: policy as Policy, costs }
}

function learnAtPlay(cell: Cell, { agent, task, figures }: Teacher, { playSteps }: PlayMethod): Learned {
  const settings = { totalTimesteps: playSteps, numSteps: 5, learningRate: 3e-3 }
  const options = { ...settings, hidden: hiddenOf(cell), seed: seedOf(cell), gamma: gammaOf(figures) }
  let updates = 0
  const learning = expectedEntropy(makeVec(task.env, 4), agent as never, options)
  let next = learning.next()
  for (; next.done !== true; next = learning.next()) updates++
  const none = { teacherLabels: 0, jacobians: 0, firstRoundSteps: 0, laterRoundSteps: 0, choiceSteps: 0 }
  const parameters = countParameters(next.value)
  const costs = { ...none, teacherEvaluations: playSteps, learningSteps: playSteps, updates, parameters }
  return { policy: next.value as unknown as Policy, costs }
}

function grow(cell: Cell, { agent, task, figures }: Teacher, method: TreeMethod): Learned {
  const options = { ...method.viper, labels: cell.labels, seed: seedOf(cell), gamma: gammaOf(figures) }
  const { tree, cost } = finish(viper(() => make(task.env), agent, options))
  return { policy: tree as unknown as Policy, costs: countedOf(cost, tree.leaves) }
}

function reinforce(cell: Cell, { environmentSteps }: ReinforcementMethod): Learned {
  const recipe = recipeOf(cell.teacher)
  const options = { ...recipe.options, hidden: hiddenOf(cell), totalTimesteps: environmentSteps }
  let last: { readonly step: number; readonly agent: Policy & HasParameters } | undefined
  for (const each of training(recipe, options, seedOf(cell))) last = each
  const { step, agent } = last!
  const none = { teacherLabels: 0, jacobians: 0, teacherEvaluations: 0, updates: 0 }
  const steps = { firstRoundSteps: 0, laterRoundSteps: 0, choiceSteps: 0, learningSteps: step }
  return { policy: agent, costs: { ...none, ...steps, parameters: countParameters(agent) } }
}

function countedOf({ labels, environmentSteps, ...counts }: Distilled<unknown>['cost'], parameters: number): Costs {
  const { firstRound, laterRounds, choice } = environmentSteps
  const steps = { firstRoundSteps: firstRound, laterRoundSteps: laterRounds, choiceSteps: choice, learningSteps: 0 }
  return { teacherLabels: labels, ...counts, ...steps, parameters }
}

function hiddenOf({ size }: Cell): number[] {
  return size.split('-').map(Number)
}

function gammaOf({ algorithm: name, options }: Teacher['figures']): number {
  return Number({ ...defaultsOf(algorithm(name).options), ...options }.gamma)
}
