// Runs a distillation from its start or its last checkpoint to its end: reads the sources, calls the library, writes the results.
// Read next: ../../distill/distill.ts, ../runs.ts.

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Cost, stepsOf } from '../../distill/cost.ts'
import type { LabelledDataset } from '../../distill/dataset.ts'
import { saveDataset } from '../../distill/dataset-files.ts'
import { type DistillReport, distill } from '../../distill/distill.ts'
import { fitTree, treeOptions } from '../../distill/fit-tree.ts'
import { heldOut } from '../../distill/held-out.ts'
import { type DistillOptions, distillOptions } from '../../distill/options.ts'
import { targetOf } from '../../distill/targets/index.ts'
import type { TeacherSource } from '../../distill/teacher.ts'
import type { TeachingPolicy } from '../../distill/teaching-agent.ts'
import { viper, viperOptions } from '../../distill/viper.ts'
import { countParameters, type HasParameters } from '../../nn/module.ts'
import { formatCount, formatFixed, formatPercent } from '../../plot/format.ts'
import { formatTable } from '../../plot/tables.ts'
import { DecisionTree } from '../../rl/decision-tree.ts'
import { ValueFunction } from '../../rl/discrete-policies.ts'
import type { Env } from '../../rl/env.ts'
import { namesOf } from '../../rl/envs/names.ts'
import { type Evaluation, evaluatePolicy } from '../../rl/evaluate.ts'
import type { OptionTable } from '../../rl/options.ts'
import { GOOD_AGREEMENT, type SuccessorRanking, successorRanking } from '../../rl/successor-ranking.ts'
import { finish } from '../../rl/training.ts'
import type { AnyAgent, LayerFlags } from '../agent-files.ts'
import { UsageError } from '../failures.ts'
import { drive, driveSaving } from '../interrupt.ts'
import { policyOf } from '../policies.ts'
import { type Progress, startProgress } from '../progress.ts'
import { DATASET, methods, RESULTS, type RunConfig, type RunFolder, type SavedAgent, writeStudent } from '../runs.ts'
import { asOne, type Sources } from './distill-sources.ts'
import { singleEnv } from './environments.ts'
import { withinMemory } from './train-run.ts'

/** The library function to call. */
export type Method = (typeof methods)[number]

export interface DistillConfig extends RunConfig {
  readonly algorithm: Method
  readonly target?: string
  /** Paths relative to the run's folder. */
  readonly teachers: readonly string[]
  /** Path of the given dataset; the folder has a copy. */
  readonly dataset: string | null
  /** Layer names and activation of the teachers' files. */
  readonly layers: LayerFlags
  /** Episodes per evaluation of students and teachers. */
  readonly episodes: number
  /** Whether there is an environment to play. Default true. */
  readonly plays?: boolean
  /** Action space of a dataset without an environment, as `--action-space` takes it. */
  readonly space?: string
}

/** Options of a method, including those of the target. Throws a ValueError on an unknown target. */
export function optionsOf(method: Method, target = 'policy'): OptionTable {
  if (method === 'viper') return viperOptions
  return method === 'fitTree' ? treeOptions : { ...distillOptions, ...targetOf(target as 'policy').options }
}

/** Whether a run is a distillation. Throws a UsageError if its configuration has no sources. */
export function isDistillation(run: RunFolder): run is RunFolder<DistillConfig> {
  const { algorithm, teachers, dataset, layers, episodes } = run.config as DistillConfig
  if (!methods.includes(algorithm)) return false
  const isComplete = Array.isArray(teachers) && dataset !== undefined && layers !== undefined && episodes >= 1
  if (isComplete) return true
  throw new UsageError(`the configuration of "${run.path}" lacks teachers, dataset, layers or episodes`)
}

interface Distillation {
  readonly student: object
  readonly dataset: LabelledDataset
  readonly cost: Cost
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Runs a distillation to its end. Checkpoints are written after each round's labels, every so many seconds, after the last gradient
 * step and on an interrupt.
 */
export async function finishDistillation(
  run: RunFolder<DistillConfig>,
  sources: Sources,
  checkpointSeconds: number,
  asJson = false,
): Promise<void> {
  const [started, before] = [performance.now(), process.cpuUsage()]
  let progress: Progress | undefined
  const save = ({ save: saveTraining, dataset }: DistillReport) => {
    const { folder, path } = run
    if (sources.dataset && !existsSync(join(path, DATASET))) folder.write(DATASET, saveDataset(sources.dataset))
    run.writeCheckpoint({ saved: saveTraining(), logs: [], step: dataset.environmentSteps })
  }
  const onReport = (report: DistillReport) => {
    const { phase, round, rounds: all, update, updates: last, totalUpdates, loss, dataset, cost } = report
    const note = `round ${round + 1} of ${all}, ${formatCount(dataset.labels)} labels`
    progress ??= startProgress(run.name, Math.max(1, totalUpdates), 'updates')
    progress.update(cost.updates, phase === 'label' ? note : `${note}, loss ${loss.toFixed(4)}`)
    return phase === 'label' || (update === last && round + 1 === all)
  }
  const saving = { path: run.path, seconds: checkpointSeconds, save }
  const result = await withinMemory(async () => {
    const started = start(run, sources)
    return 'next' in started ? driveSaving(started, saving, onReport) : started
  })
  const { cost } = result
  progress ??= startProgress(run.name, 1, 'updates')
  progress.finish(`${formatCount(cost.labels)} labels from ${formatCount(stepsOf(cost))} environment steps`)
  writeStudent(run.folder, '', result.student, run.config.env)
  run.folder.write(DATASET, saveDataset(result.dataset))
  const { user, system } = process.cpuUsage(before)
  const time = { cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - started) / 1e3 }
  const results = sources.plays ? evaluate(run, sources, result, time, asJson) : compare(run, result, time, asJson)
  run.folder.writeJson(RESULTS, results)
  if (asJson) console.log(JSON.stringify(results))
  else console.log(`\nStudent: ${run.path}. Export it with: alambic export ${run.path} --to js`)
}

/** Calls the library. Trees have no checkpoints: an interrupted one starts again. */
function start(
  run: RunFolder<DistillConfig>,
  { teachers, dataset, plays }: Sources,
): Generator<DistillReport, Distillation, void> | Promise<Distillation> | Distillation {
  const { algorithm, env, options, target } = run.config
  const agents = teachers.map(({ agent }) => agent)
  const teacher = (agents.length === 1 ? agents[0] : agents) as TeacherSource
  const makeEnv = () => singleEnv(env) as Env
  if (algorithm === 'viper') {
    const growing = drive(viper(makeEnv, teacher, options))
    return growing.then(({ tree, ...others }) => ({ student: tree, ...others, metrics: {} }))
  }
  if (algorithm === 'fitTree') {
    if (plays) dataset!.requireTask('fitTree', makeEnv())
    return { student: fitTree(dataset!, options), dataset: dataset!, cost: dataset!.cost, metrics: {} }
  }
  const given = { ...options, target, dataset, resume: run.readCheckpoint()?.saved } as DistillOptions
  return distill(plays ? makeEnv() : null, agents.length === 0 ? null : teacher, given)
}

interface Time {
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/**
 * Evaluates the student and its teachers, prints the returns, and prints the rules of a tree. Times are printed alone: the
 * files of equal runs have equal bytes.
 */
function evaluate(
  run: RunFolder<DistillConfig>,
  { teachers }: Sources,
  { student, cost, metrics }: Distillation,
  time: Time,
  asJson: boolean,
) {
  const { env, episodes } = run.config
  const play = (saved: SavedAgent) =>
    evaluatePolicy(policyOf(saved, singleEnv(env)), () => singleEnv(env), { episodes })
  const row = (name: string, agent: object, { mean, interval }: Evaluation, spent: readonly string[]) => {
    const { low, high } = interval
    return [name, formatFixed(mean), `[${formatFixed(low)}, ${formatFixed(high)}]`, sizeOf(agent), ...spent]
  }
  const before = teachers.map(play)
  const after = play({ path: run.path, agent: student as AnyAgent })
  const rows = teachers.map(({ path, agent }, i) =>
    row(`teacher ${basename(path)}`, agent, before[i]!, ['–', '–', '–', '–', '–', '–']),
  )
  rows.push(row('student', student, after, spentOn(cost, time)))
  if (!asJson) {
    console.log(formatTable(['', 'mean return', '95 % interval', 'size', ...costHead], rows))
    if (student instanceof DecisionTree) console.log(`\n${student.toText(namesOf(env))}`)
  }
  const ranking = rankingOf(student, teachers, env, asJson)
  return { student: after, ...(ranking && { ranking }), teachers: before, cost, metrics }
}

const costHead = ['labels', 'teacher evaluations', 'environment steps', 'updates', 'CPU', 'time']

function spentOn(cost: Cost, { cpuSeconds, wallSeconds }: Time): string[] {
  const { labels, jacobians, teacherEvaluations, updates } = cost
  return [
    `${formatCount(labels)}${jacobians > 0 ? ` + ${formatCount(jacobians)} Jacobians` : ''}`,
    ...[teacherEvaluations, stepsOf(cost), updates].map(formatCount),
    ...[cpuSeconds, wallSeconds].map((each) => `${formatFixed(each)} s`),
  ]
}

/** Without an environment: trains students on parts of the dataset, and compares them with the labels of the rest. */
function compare(run: RunFolder<DistillConfig>, result: Distillation, time: Time, asJson: boolean) {
  const { algorithm, target, options } = run.config
  const { student, dataset, cost, metrics } = result
  const train = (part: LabelledDataset) =>
    algorithm === 'fitTree'
      ? fitTree(part, options)
      : (finish(distill(null, null, { ...options, target, dataset: part } as DistillOptions)).student as TeachingPolicy)
  const found = heldOut(dataset, train, Number(options.seed ?? 0))
  if (!asJson) {
    const { measure, mean, interval, baseline, states, groups, folds } = found
    const isShare = measure === 'agreement'
    const [shown, low, high, constant] = [mean, interval.low, interval.high, baseline].map((each) =>
      isShare ? formatPercent(each) : formatFixed(each, 4),
    )
    const units = dataset.has('episodes') ? `${formatCount(groups)} episodes` : 'single states'
    const measured = isShare ? 'held-out agreement' : 'held-out mean absolute error'
    const row = ['student', shown!, `[${low}, ${high}]`, constant!, sizeOf(student), ...spentOn(cost, time)]
    console.log(formatTable(['', measured, '95 % interval', 'constant action', 'size', ...costHead], [row]))
    console.log(
      `\n${formatCount(states)} states, compared in ${folds} parts of ${units} that ${folds} other students did not learn from.`,
    )
    if (student instanceof DecisionTree) console.log(`\n${student.toText()}`)
  }
  return { student: found, teachers: [], cost, metrics }
}

/** Measures and prints how well a value function ranks successors. Undefined for other students and without teachers. */
function rankingOf(
  student: object,
  teachers: readonly SavedAgent[],
  env: string,
  asJson: boolean,
): SuccessorRanking | undefined {
  if (!(student instanceof ValueFunction) || teachers.length === 0) return undefined
  const ranking = successorRanking(singleEnv(env) as Env, asOne(teachers), student)
  if (asJson) return ranking
  const { agreement, regret, states, evaluations, environmentSteps } = ranking
  console.log(
    `\nRanking of successors: the best action is the teacher's in ${formatPercent(agreement, 0)} of ${states} states, ` +
      `regret ${formatFixed(regret, 2)} (${formatCount(evaluations)} evaluations of the teacher, ` +
      `${formatCount(environmentSteps)} environment steps).`,
  )
  if (agreement < GOOD_AGREEMENT) {
    console.log(
      'Warning: a look-ahead acts on the differences between successors, which this student has not learned. ' +
        'Use --target value-successors, more labels, or a deeper look-ahead.',
    )
  }
  return ranking
}

/** `4,610 parameters`, `8 leaves` */
export function sizeOf(agent: object): string {
  if (agent instanceof DecisionTree) return agent.leaves === 1 ? '1 leaf' : `${formatCount(agent.leaves)} leaves`
  return 'parameters' in agent ? `${formatCount(countParameters(agent as HasParameters))} parameters` : '–'
}
