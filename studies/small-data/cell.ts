// One cell of the study, from teacher to evaluated student. Its random numbers depend on the teacher and the seed alone, so the
// methods compared draw from the same pools and start from the same parameters. Read next: summary.ts.

import {
  type CollectionMode,
  distill,
  type Pool,
  type PoolMode,
  playPool,
  type Student,
  Teacher,
} from 'alambic/distill'
import { countParameters, type HasParameters } from 'alambic/nn'
import {
  algorithm,
  type CategoricalActorCritic,
  type DiscretePolicy,
  evaluatePolicy,
  finish,
  Lookahead,
  make,
  makeVector,
  type PolicyAgent,
  type PolicyLike,
  ppo,
  StateValueAgent,
} from 'alambic/rl'
import { Rng } from 'alambic/tensor'
import { fingerprint } from './fingerprint.ts'
import { type DistillationMethod, type ReinforcementMethod, shared } from './methods.ts'
import type { Cell } from './plan.ts'
import { storedSettings, withStoredNames } from './stored-names.ts'
import { EVALUATION_EPISODES, type StudyTask, startSeeds } from './tasks.ts'
import type { TeacherRecipe } from './teachers/recipes.ts'
import type { TeacherAgent } from './teachers/train.ts'

/** A teacher with its baseline. */
export interface StudyTeacher {
  readonly agent: TeacherAgent
  /** Mean greedy return from the start states of all comparisons. */
  readonly mean: number
  /** Its discount, also used for look-ahead with its values. */
  readonly gamma: number
  /** Identifies the teacher. */
  readonly fingerprint: string
}

export interface CellOutcome {
  /** Greedy returns, in the order of the start seeds. */
  readonly returns: readonly number[]
  readonly mean: number
  /** (mean - random) / (teacher - random) */
  readonly score: number
  readonly randomReturn: number
  readonly teacherReturn: number
  /** States that the teacher labelled. */
  readonly teacherLabels: number
  /** Environment steps of play, to find states or to learn from. */
  readonly environmentSteps: number
  /** Gradient steps of the student, and of each student between rounds; null for reinforcement learning. */
  readonly updates: number | null
  readonly parameters: number
}

/** A hash of everything that a cell's outcome depends on, under the names of stored records. */
export function cellFingerprint({ task, method, size }: Cell, teacher: StudyTeacher, recipe: TeacherRecipe): string {
  const { name: _name, group: _group, about: _about, quick: _quick, ...settings } = method
  const learner = 'distillation' in method ? null : recipe
  const stored = storedSettings[fingerprint(settings)] ?? withStoredNames(settings)
  const recipeOptions = withStoredNames(learner)
  return fingerprint([task.env, stored, size.hidden, shared, recipeOptions, teacher.fingerprint, teacher.gamma])
}

/** Runs the cells of one group. A pool is played when it is first needed, then reused. */
export class CellBench {
  private readonly pools = new Map<PoolMode, Pool>()

  constructor(
    private readonly task: StudyTask,
    private readonly teacher: StudyTeacher,
    /** Mean return of random actions. */
    private readonly random: number,
    private readonly recipe: TeacherRecipe,
  ) {}

  run(cell: Cell): CellOutcome {
    const { method } = cell
    const learned = 'distillation' in method ? this.distil(cell, method) : this.reinforce(cell, method)
    const { returns, mean } = evaluatePolicy(learned.policy, () => make(this.task.env), {
      episodes: EVALUATION_EPISODES,
      seed: startSeeds.evaluation,
    })
    const [randomReturn, teacherReturn] = [this.random, this.teacher.mean]
    const score = (mean - randomReturn) / (teacherReturn - randomReturn)
    const { teacherLabels, environmentSteps, updates, parameters } = learned
    return {
      ...{ mean, score, randomReturn, teacherReturn },
      ...{ teacherLabels, environmentSteps, updates, parameters, returns },
    }
  }

  private distil(cell: Cell, method: DistillationMethod): Learned {
    const { distillation, depth, thenSteps = 0 } = method
    const { gamma, agent } = this.teacher
    const pool = this.poolFor(cell, distillation.mode ?? 'mixedEpsilon')
    const { student, set } = distill({
      ...distillation,
      teacher: agent,
      env: makeVector(this.task.env, pool === undefined ? 1 : shared.poolCopies),
      hidden: cell.size.hidden,
      labels: cell.labels,
      seed: seedOf(cell),
      updates: shared.updates,
      gamma,
      ...(pool && { pool }),
    })
    const policy = policyOf(student, this.task, depth, gamma)
    return {
      policy: thenSteps === 0 ? policy : this.learnOn(student as PolicyAgent, thenSteps, seedOf(cell)),
      parameters: countParameters(student as Student & HasParameters),
      updates: shared.updates,
      teacherLabels: distillation.target === 'returns' ? 0 : set.labels,
      environmentSteps: set.environmentSteps + thenSteps,
    }
  }

  private learnOn({ network }: PolicyAgent, totalTimesteps: number, seed: number): PolicyLike {
    const envs = makeVector(this.task.env, shared.poolCopies)
    const options = { totalTimesteps, seed, gamma: this.teacher.gamma, learningRate: 3e-4, entropyCoef: 0 }
    return finish(ppo(envs, { ...options, network })) as CategoricalActorCritic
  }

  private reinforce(cell: Cell, { environmentSteps }: ReinforcementMethod): Learned {
    const { options, numEnvs } = this.recipe
    const given = { ...options, hidden: cell.size.hidden, totalTimesteps: environmentSteps, seed: seedOf(cell) }
    const agent = finish(algorithm(this.recipe.algorithm).train(makeVector(this.task.env, numEnvs), given))
    return {
      policy: agent as unknown as DiscretePolicy,
      parameters: countParameters(agent),
      updates: null,
      teacherLabels: 0,
      environmentSteps,
    }
  }

  /** Undefined for the first states of the teacher's play, which need no pool. */
  private poolFor({ method, ...cell }: Cell, mode: CollectionMode): Pool | undefined {
    if (mode === 'teacherContiguous') return undefined
    const { firstRound = 'mixedEpsilon' } = (method as DistillationMethod).distillation
    const way = mode === 'student' || mode === 'active' ? firstRound : mode === 'boundingBox' ? 'mixedEpsilon' : mode
    const found = this.pools.get(way)
    if (found !== undefined) return found
    const { poolSize, poolCopies } = shared
    const { agent, gamma } = this.teacher
    const envs = makeVector(this.task.env, poolCopies)
    const pool = playPool(new Teacher(agent, 'teacher'), envs, { mode: way, poolSize, gamma, seed: seedOf(cell) })
    this.pools.set(way, pool)
    return pool
  }
}

interface Learned extends Pick<CellOutcome, 'teacherLabels' | 'environmentSteps' | 'updates' | 'parameters'> {
  readonly policy: PolicyLike
}

/** Mean return of random actions over five hundred episodes. */
export function randomReturn(task: StudyTask): number {
  const rng = new Rng(0)
  const env = make(task.env)
  const policy = { act: () => env.actionSpace.sample(rng) }
  return evaluatePolicy(policy, () => env, { episodes: 5 * EVALUATION_EPISODES, seed: startSeeds.evaluation }).mean
}

/** The seed of everything random in a cell. It never meets the start seeds of evaluations. */
function seedOf({ teacher, seed }: Pick<Cell, 'teacher' | 'seed'>): number {
  return shared.seedStep * (10_000 * teacher + seed)
}

/** A student of state values acts by looking ahead in the environment. */
function policyOf(student: Student, task: StudyTask, depth: number | undefined, gamma: number): PolicyLike {
  if (!(student instanceof StateValueAgent)) return student
  return new Lookahead(student, make(task.env), { gamma, ...(depth !== undefined && { depth }) })
}
