// Runs a distillation from its start or its last checkpoint to its end: reads the sources, calls the library, writes the results.
// Read next: ../../distill/distill.ts, ../runs/run-folder.ts.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { OptionTable } from '../../data/options.ts'
import type { LabelledDataset } from '../../distill/dataset/dataset.ts'
import { saveDataset } from '../../distill/dataset/dataset-files.ts'
import { stepsOf } from '../../distill/dataset/provenance.ts'
import { type Distilled, type DistillReport, distill } from '../../distill/distill.ts'
import { heldOut } from '../../distill/held-out.ts'
import { type DistillOptions, distillOptions } from '../../distill/options.ts'
import { targetOf } from '../../distill/targets/index.ts'
import type { TeacherSource } from '../../distill/teachers/teacher.ts'
import { fitTree, treeOptions, viper, viperOptions } from '../../distill/trees.ts'
import { formatCount, formatTable } from '../../plot/format.ts'
import type { Env } from '../../rl/envs/env.ts'
import { namesOf } from '../../rl/envs/tasks/names.ts'
import { evaluatePolicy } from '../../rl/evaluate.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import type { TeachingPolicy } from '../../rl/policies/policy.ts'
import { successorRanking } from '../../rl/successor-ranking.ts'
import { finish } from '../../rl/training/training.ts'
import { type AnyAgent, policyOf, type SavedAgent } from '../runs/agents.ts'
import { singleEnv } from '../runs/environments.ts'
import { DATASET, RESULTS, type RunFolder, TIMINGS, writeStudent } from '../runs/run-folder.ts'
import { drive, driveSaving } from '../terminal/interrupt.ts'
import { type Progress, startProgress } from '../terminal/progress.ts'
import { asOne, type DistillConfig, type Method, type Sources } from './distill-sources.ts'
import { type DistillResults, sizeOf, timingsOf, writeReport } from './report.ts'

/** Options of a method, including those of the target. Throws a ValueError on an unknown target. */
export function optionsOf(method: Method, target = 'policy'): OptionTable {
  if (method === 'viper') return viperOptions
  return method === 'fitTree' ? treeOptions : { ...distillOptions, ...targetOf(target as 'policy').options }
}

type Distillation = Distilled<object>

/**
 * Runs a distillation to its end. Checkpoints are written after each round's labels, every so many seconds, after the last gradient
 * step and on an interrupt. Equal runs write equal bytes, except for timings.json and report.html, which has these times.
 */
export async function finishDistillation(
  run: RunFolder<DistillConfig>,
  sources: Sources,
  checkpointSeconds: number,
  asJson = false,
): Promise<void> {
  const [started, cpu, before] = [performance.now(), process.cpuUsage(), timingsOf(run)]
  const { path, name, config } = run
  let progress: Progress | undefined
  const writeTimings = () => {
    const { user, system } = process.cpuUsage(cpu)
    const seconds = before.seconds + (performance.now() - started) / 1e3
    run.folder.writeJson(TIMINGS, { seconds, cpuSeconds: before.cpuSeconds + (user + system) / 1e6 })
  }
  const save = ({ save: saveTraining, dataset }: DistillReport) => {
    if (sources.dataset && !existsSync(join(path, DATASET))) run.folder.write(DATASET, saveDataset(sources.dataset))
    run.writeCheckpoint({ saved: saveTraining(), logs: [], step: dataset.environmentSteps })
    writeTimings()
  }
  const onReport = (report: DistillReport) => {
    const { phase, round, rounds: all, update, updates: last, totalUpdates, loss, dataset, cost } = report
    const note = `round ${round + 1} of ${all}, ${formatCount(dataset.labels)} labels`
    progress ??= startProgress(name, Math.max(1, totalUpdates), 'updates')
    progress.update(cost.updates, phase === 'label' ? note : `${note}, loss ${loss.toFixed(4)}`)
    return phase === 'label' || (update === last && round + 1 === all)
  }
  const result = await learn(run, sources, (training) => driveSaving(training, path, checkpointSeconds, save, onReport))
  const { student, dataset, cost, metrics } = result
  progress ??= startProgress(name, 1, 'updates')
  progress.finish(`${formatCount(cost.labels)} labels from ${formatCount(stepsOf(cost))} environment steps`)
  writeStudent(run.folder, '', student, config.env)
  run.folder.write(DATASET, saveDataset(dataset))
  writeTimings()

  const compared = sources.plays ? evaluate(run, sources.teachers, student) : compare(config, result)
  const results: DistillResults = { ...compared, cost, metrics }
  run.folder.writeJson(RESULTS, results)
  const page = writeReport(run)
  if (asJson) return console.log(JSON.stringify(results))
  for (const { text, table } of page.sections) {
    const cells = table!.rows.map((row) => row.cells)
    console.log(`${[formatTable(table!.head, cells), ...(text === undefined ? [] : [text])].join('\n')}\n`)
  }
  if (student instanceof DecisionTree)
    console.log(`${student.toText(sources.plays ? namesOf(config.env) : undefined)}\n`)
  console.log(`Student: ${path}. Report: ${page.path}. Export it with: alambic export ${path} --to js`)
}

/** Calls the library; `finish` runs what has checkpoints. Trees have none: an interrupted one starts again. */
async function learn(
  run: RunFolder<DistillConfig>,
  { teachers, dataset, plays }: Sources,
  finish: (training: Generator<DistillReport, Distillation, void>) => Promise<Distillation>,
): Promise<Distillation> {
  const { algorithm, env, options, target } = run.config
  const agents = teachers.map(({ agent }) => agent)
  const teacher = (agents.length === 1 ? agents[0] : agents) as TeacherSource
  const makeEnv = () => singleEnv(env) as Env
  if (algorithm === 'viper') {
    const { tree, ...others } = await drive(viper(makeEnv, teacher, options))
    return { student: tree, ...others, metrics: {} }
  }
  if (algorithm === 'fitTree') {
    if (plays) dataset!.requireTask('fitTree', makeEnv())
    return { student: fitTree(dataset!, options), dataset: dataset!, cost: dataset!.cost, metrics: {} }
  }
  const given = { ...options, target, dataset, resume: run.readCheckpoint()?.saved } as DistillOptions
  return finish(distill(plays ? makeEnv() : null, agents.length === 0 ? null : teacher, given))
}

type Compared = Pick<DistillResults, 'student' | 'teachers' | 'ranking'>

/** Evaluates the student and its teachers in the environment. */
function evaluate(
  { path, config }: RunFolder<DistillConfig>,
  teachers: readonly SavedAgent[],
  student: object,
): Compared {
  const { env, episodes } = config
  const play = (saved: SavedAgent) => ({
    ...evaluatePolicy(policyOf(saved, singleEnv(env)), () => singleEnv(env), { episodes }),
    size: sizeOf(saved.agent),
  })
  const isRanked = student instanceof ValueFunction && teachers.length > 0
  return {
    student: play({ path, agent: student as AnyAgent }),
    ...(isRanked && { ranking: successorRanking(singleEnv(env) as Env, asOne(teachers), student) }),
    teachers: teachers.map(play),
  }
}

/** Without an environment: trains students on parts of the dataset, and compares them with the labels of the rest. */
function compare({ algorithm, target, options }: DistillConfig, { dataset, student }: Distillation): Compared {
  const train = (part: LabelledDataset) =>
    algorithm === 'fitTree'
      ? fitTree(part, options)
      : (finish(distill(null, null, { ...options, target, dataset: part } as DistillOptions)).student as TeachingPolicy)
  const found = heldOut(dataset, train, Number(options.seed ?? 0))
  return { student: { ...found, size: sizeOf(student) }, teachers: [] }
}
