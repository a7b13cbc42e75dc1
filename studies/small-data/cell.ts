// One cell of the study, from teacher to evaluated student. Its random numbers depend on the teacher and the seed alone, so the
// methods compared draw from the same pools and start from the same parameters. Read next: summary.ts.

import {
  type DistillOptions,
  distill,
  playTeacher,
  type Target,
  type TargetName,
  type TeachingPolicy,
} from 'alambic/distill'
import { countParameters, type HasParameters } from 'alambic/nn'
import {
  algorithm,
  type CategoricalActorCritic,
  type CategoricalPolicy,
  type DiscretePolicy,
  evaluatePolicy,
  finish,
  Lookahead,
  make,
  makeVec,
  type PolicyLike,
  ppo,
  type Rollout,
  ValueFunction,
} from 'alambic/rl'
import { Rng } from 'alambic/tensor'
import { monteCarloReturns } from '../controls.ts'
import { fingerprint } from './fingerprint.ts'
import {
  type DistillationMethod,
  type ReinforcementMethod,
  type StudyMethod,
  shared,
  singleStudent,
} from './methods.ts'
import type { Cell } from './plan.ts'
import { storedSettingsOf, withStoredNames } from './stored-names.ts'
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
  const learner = 'distillation' in method ? null : withStoredNames(recipe)
  const settings = storedSettingsOf(settingsOf(method))
  return fingerprint([task.env, settings, size.hidden, shared, learner, teacher.fingerprint, teacher.gamma])
}

/** What a method does, as a JSON value: a target of the study's own by its name. */
export function settingsOf(method: StudyMethod): unknown {
  const { name: _name, group: _group, about: _about, quick: _quick, ...settings } = method
  if (!('distillation' in settings)) return settings
  const { target, ...others } = settings.distillation
  const named = { target: typeof target === 'string' ? target : target.name, ...others }
  return { ...settings, distillation: named }
}

/** Runs the cells of one group. Play of the teacher is rolled out when it is first needed, then reused. */
export class CellBench {
  private readonly rollouts = new Map<string, Rollout>()

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
    const rollout = this.rolloutFor(cell, distillation)
    const env = makeVec(this.task.env, rollout === undefined ? 1 : shared.poolCopies)
    const { student, dataset } = finish(
      distill<Target | TargetName>(
        env,
        agent as TeachingPolicy,
        {
          ...singleStudent,
          ...distillation,
          hidden: cell.size.hidden,
          labels: cell.labels,
          seed: seedOf(cell),
          updates: shared.updates,
          gamma,
          ...(rollout && { rollout }),
        } as DistillOptions<Target | TargetName>,
      ),
    )
    const policy = policyOf(student, this.task, depth, gamma)
    return {
      policy: thenSteps === 0 ? policy : this.learnOn(student as CategoricalPolicy, thenSteps, seedOf(cell)),
      parameters: countParameters(student as HasParameters),
      updates: shared.updates,
      teacherLabels: distillation.target === monteCarloReturns ? 0 : dataset.labels,
      environmentSteps: dataset.environmentSteps + thenSteps,
    }
  }

  private learnOn({ network }: CategoricalPolicy, totalTimesteps: number, seed: number): PolicyLike {
    const envs = makeVec(this.task.env, shared.poolCopies)
    const options = { totalTimesteps, seed, gamma: this.teacher.gamma, learningRate: 3e-4, entropyCoef: 0 }
    return finish(ppo(envs, { ...options, network })) as CategoricalActorCritic
  }

  private reinforce(cell: Cell, { environmentSteps }: ReinforcementMethod): Learned {
    const { options, numEnvs } = this.recipe
    const given = { ...options, hidden: cell.size.hidden, totalTimesteps: environmentSteps, seed: seedOf(cell) }
    const agent = finish(algorithm(this.recipe.algorithm).train(makeVec(this.task.env, numEnvs), given))
    return {
      policy: agent as unknown as DiscretePolicy,
      parameters: countParameters(agent),
      updates: null,
      teacherLabels: 0,
      environmentSteps,
    }
  }

  /** Undefined for the first states of the teacher's play, which are as many as the labels. */
  private rolloutFor(cell: Cell, { selection, exploration = 'per-episode', epsilon = 0.05 }: Distillation) {
    if (selection === 'sequential') return undefined
    const key = `${exploration} ${epsilon}`
    const found = this.rollouts.get(key)
    if (found !== undefined) return found
    const { agent, gamma } = this.teacher
    const envs = makeVec(this.task.env, shared.poolCopies)
    const { maxEpsilon } = singleStudent
    const options = { exploration, epsilon, maxEpsilon, rolloutSteps: shared.poolSize, gamma, seed: seedOf(cell) }
    const rollout = playTeacher(envs, agent as TeachingPolicy, options)
    this.rollouts.set(key, rollout)
    return rollout
  }
}

type Distillation = DistillationMethod['distillation']

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
function policyOf(student: unknown, task: StudyTask, depth: number | undefined, gamma: number): PolicyLike {
  if (!(student instanceof ValueFunction)) return student as PolicyLike
  return new Lookahead(student, make(task.env), { gamma, ...(depth !== undefined && { depth }) })
}
