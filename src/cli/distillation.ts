// The work of `alambic distill`: labels, a student, and how well it plays beside its teacher. What cannot be is refused by
// `prepareDistillation`, before anything is played. Read next: commands/distill.ts for the flags.

import { type CollectionMode, collect } from '../distill/collect.ts'
import { defaultSpread } from '../distill/collection/spread.ts'
import type { Learn } from '../distill/collection/students.ts'
import { growTree, type TreeOptions } from '../distill/decision-tree.ts'
import { type LabelledSet, requirePlayed, requireSetOf } from '../distill/labelled-set.ts'
import { rehearsalSet } from '../distill/rehearsal.ts'
import { roundSizes, roundsFor } from '../distill/rounds.ts'
import { prepareTarget, type Student, type TargetName, type TargetOptions } from '../distill/targets.ts'
import { requireSameSpaces, Teacher } from '../distill/teacher.ts'
import { trainStudent } from '../distill/train-student.ts'
import { DecisionTree } from '../distill/tree-agent.ts'
import { viper } from '../distill/viper.ts'
import { MLP } from '../nn/mlp.ts'
import { countParameters, type HasParameters } from '../nn/module.ts'
import { formatCount } from '../plot/format.ts'
import { StateValueAgent } from '../rl/discrete-policies.ts'
import type { Env } from '../rl/env.ts'
import { type Evaluation, evaluatePolicy } from '../rl/evaluate.ts'
import { Lookahead } from '../rl/lookahead.ts'
import type { DiscretePolicy, PolicyLike } from '../rl/policy.ts'
import { finish } from '../rl/training.ts'
import { Rng } from '../tensor/random.ts'
import { UsageError } from './failures.ts'
import { drive } from './interrupt.ts'
import { startProgress } from './progress.ts'
import { singleEnv } from './training/environments.ts'

const LEAST_POOL = 10_000
const TREE_ROUNDS = 5
const MOST_WEIGHTS = 20_000_000 // with gradients, moments and copies, less than a gigabyte

/** What is asked for, every option read and in range. */
export interface DistillationPlan {
  readonly env: string
  /** Who labels; left out where there is a set. */
  readonly teacher?: { readonly agent: Student; readonly name: string }
  /** Labels that are there already. */
  readonly set?: LabelledSet
  readonly labels: number
  readonly mode: CollectionMode
  readonly target: TargetName
  readonly targetOptions: TargetOptions
  readonly hidden: readonly number[]
  readonly updates: number
  readonly seed: number
  /** A decision tree in place of a network. */
  readonly tree?: TreeOptions
  /** Episodes that teacher and student are judged by. */
  readonly episodes: number
}

export interface Distillation {
  readonly student: Student
  readonly set: LabelledSet
  /** `4,610 parameters`, `8 leaves` */
  readonly size: string
  /** Gradient steps of the student. */
  readonly updates: number
  readonly settings: Readonly<Record<string, number>>
  readonly evaluation: Evaluation
  readonly teacher?: { readonly size: string; readonly evaluation: Evaluation }
}

/** Throws whatever running the plan would throw for a wrong option, a foreign teacher or a set of something else. */
export function prepareDistillation(plan: DistillationPlan): () => Promise<Distillation> {
  const env = envOf(plan)
  const teacher = plan.teacher && askable(plan, env)
  if (plan.set !== undefined) requireSetOf('distill', plan.set, env)
  if (teacher === undefined && plan.set === undefined)
    throw new UsageError('distill: who labels? Say --teacher or --set')
  if (plan.set === undefined && (plan.tree !== undefined || inRounds(plan.mode)))
    roundSizes(plan.labels, plan.tree === undefined ? roundsFor(plan.labels) : TREE_ROUNDS)
  const rehearsal = plan.set ?? rehearsalSet(teacher!, env.id, plan.mode !== 'boundingBox')
  if (plan.tree !== undefined) growTree(rehearsal, plan.tree)
  else rehearse(plan, rehearsal)
  return () => run(plan, teacher)
}

function inRounds(mode: CollectionMode): boolean {
  return mode === 'student' || mode === 'active'
}

async function run(plan: DistillationPlan, teacher: Teacher | undefined): Promise<Distillation> {
  const {
    set,
    student,
    settings = {},
  } = await (plan.tree === undefined ? runNetwork(plan, teacher) : runTree(plan, teacher))
  const judging = startProgress('play', plan.episodes, 'episodes')
  const evaluation = judge(student, plan)
  const result = {
    student,
    set,
    size: sizeOf(student),
    updates: plan.tree === undefined ? plan.updates : 0,
    settings,
    evaluation,
  }
  const judged = plan.teacher && { size: sizeOf(plan.teacher.agent), evaluation: judge(plan.teacher.agent, plan) }
  judging.finish(`return ${evaluation.mean.toFixed(1)}`)
  return judged === undefined ? result : { ...result, teacher: judged }
}

interface Made {
  readonly set: LabelledSet
  readonly student: Student
  readonly settings?: Readonly<Record<string, number>>
}

async function runNetwork(plan: DistillationPlan, teacher: Teacher | undefined): Promise<Made> {
  const { target, targetOptions, updates, seed } = plan
  const set = plan.set ?? label(plan, teacher!)
  const prepared = prepareTarget(target, set, targetOptions)
  const progress = startProgress('student', updates, 'updates')
  const network = newNetwork(plan, set, prepared.outputs, seed)
  let loss = Number.NaN
  const student = await drive(trainStudent(network, set, prepared, { updates, seed }), (report) => {
    loss = report.loss
    progress.update(report.update, `loss ${loss.toFixed(4)}`)
  })
  progress.finish(`loss ${loss.toFixed(4)}`)
  return { set, student, settings: prepared.settings }
}

function label(plan: DistillationPlan, teacher: Teacher): LabelledSet {
  const { labels, mode, seed } = plan
  const progress = startProgress('labels', labels, 'labels')
  const poolSize = Math.max(LEAST_POOL, 2 * labels) // twice, since no state is labelled twice
  const options = { labels, mode, seed, poolSize, spread: defaultSpread(mode), learn: learnAlike(plan) }
  const set = collect(teacher, envOf(plan), options)
  progress.finish(`${formatCount(set.labels)} from ${formatCount(set.environmentSteps)} environment steps`)
  return set
}

/** Students that play between rounds are made as the last one is; where that one cannot choose, they learn the policy. */
function learnAlike(plan: DistillationPlan): Learn {
  return (set, seed) => {
    const { target, targetOptions, updates } = plan
    const made = prepareTarget(target, set, targetOptions)
    const acts = 'act' in made.student(newNetwork(plan, set, made.outputs, seed))
    const prepared = acts ? made : prepareTarget('policy', set)
    const network = newNetwork(plan, set, prepared.outputs, seed)
    return finish(trainStudent(network, set, prepared, { updates, seed })) as DiscretePolicy
  }
}

async function runTree(plan: DistillationPlan, teacher: Teacher | undefined): Promise<Made> {
  if (plan.set !== undefined) return { set: plan.set, student: growTree(plan.set, plan.tree) }
  const { labels, seed, tree } = plan
  const progress = startProgress('tree', labels, 'labels')
  const grown = viper({
    ...tree,
    teacher: teacher!.agent,
    makeEnv: () => envOf(plan),
    labels,
    seed,
    rounds: TREE_ROUNDS,
  })
  progress.finish(`${formatCount(grown.set.labels)} from ${formatCount(grown.set.environmentSteps)} environment steps`)
  return { set: grown.set, student: grown.tree }
}

function newNetwork({ hidden }: DistillationPlan, set: LabelledSet, outputs: number, seed: number): MLP {
  return new MLP([set.observationSize, ...hidden, outputs], new Rng(seed))
}

/** Throws where the target cannot be learned from such labels. */
function rehearse({ target, targetOptions, hidden }: DistillationPlan, set: LabelledSet): void {
  const widths = [set.observationSize, ...hidden, set.actionCount]
  const weights = hidden.reduce((sum, width, i) => sum + width * (widths[i]! + 1), 0)
  if (weights > MOST_WEIGHTS) {
    throw new UsageError(
      `--hidden: ${formatCount(weights)} weights; a student has ${formatCount(MOST_WEIGHTS)} at most`,
    )
  }
  if (target === 'returns') requirePlayed('distill: the target "returns"', set)
  prepareTarget(target, set, targetOptions)
}

function askable({ teacher, labels }: DistillationPlan, env: Env): Teacher {
  const { agent, name } = teacher!
  if (agent instanceof StateValueAgent) {
    throw new UsageError(`the teacher "${name}" has state values only, so it cannot choose actions to play`)
  }
  const asked = new Teacher(agent, name, labels)
  requireSameSpaces('distill', asked, env)
  return asked
}

function envOf({ env }: Pick<DistillationPlan, 'env'>): Env {
  return singleEnv(env) as Env
}

function judge(agent: Student, plan: DistillationPlan): Evaluation {
  const policy: PolicyLike = agent instanceof StateValueAgent ? new Lookahead(agent, envOf(plan)) : agent
  return evaluatePolicy(policy, () => envOf(plan), { episodes: plan.episodes })
}

function sizeOf(agent: Student): string {
  if (agent instanceof DecisionTree) return agent.leaves === 1 ? '1 leaf' : `${formatCount(agent.leaves)} leaves`
  return 'parameters' in agent ? `${formatCount(countParameters(agent as HasParameters))} parameters` : '–'
}
