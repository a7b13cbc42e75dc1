// `alambic distill`: trains a small student from one or more teachers, or from a labelled dataset. Its flags are the options of
// `distill`, its targets and trees. Read next: ../training/distill-run.ts.

import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { type OptionTable, readOptions, wholeBetween } from '../../data/options.ts'
import { Discrete } from '../../data/spaces.ts'
import { collectorOptions } from '../../distill/collecting/collector-options.ts'
import { distillOptions, readDistillOptions } from '../../distill/options.ts'
import { targetNames, targetOf, targets } from '../../distill/targets/index.ts'
import { treeOptions, viperOptions } from '../../distill/trees.ts'
import { make } from '../../rl/envs/tasks/make.ts'
import { addLayerOptions, type LayerFlags } from '../runs/agents.ts'
import { RunFolder } from '../runs/run-folder.ts'
import { importOption, keptModules } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import {
  checkpointOption,
  choiceOption,
  flagOf,
  flagsOf,
  listOption,
  type Settings,
  setOption,
  settingsOf,
  threadsOption,
  valueOption,
} from '../terminal/options.ts'
import { finishDistillation, optionsOf } from '../training/distill-run.ts'
import { type DistillConfig, type Method, readSources } from '../training/distill-sources.ts'

interface DistillFlags extends Omit<LayerFlags, 'actionSpace'>, Readonly<Record<string, unknown>> {
  readonly teacher: readonly string[]
  readonly env?: string
  readonly import?: readonly string[]
  readonly dataset?: string
  readonly actionSpace?: string
  readonly target?: string
  readonly tree?: true
  readonly episodes: number
  readonly out?: string
  readonly force?: true
  readonly json?: true
  readonly checkpointSeconds: number
}

export function registerDistill(program: Command): void {
  const table = { options: allOptions() }
  const paths = 'a run, a student, or the file of a network or tree; may be repeated: an ensemble'
  const labels = 'labels that exist already, .safetensors, .json or .csv, in place of those of a teacher'
  const episodes = wholeBetween(100, 1, 100_000, 'episodes that evaluate the student and each teacher')
  const space = 'of a dataset without an environment: a number of actions, or the bounds low:high of each number'
  const command = program
    .command('distill')
    .description('label some states with a teacher, train a small student on them, and compare the two')
    .addOption(listOption('--teacher <path>', paths).default([], 'none'))
    .addOption(importOption())
    .option('--env <id>', 'the environment, such as CartPole-v1 (default: that of the dataset or the teacher)')
    .option('--dataset <file>', labels)
    .addOption(choiceOption('--target <name>', 'what the student learns; default policy', targetNames))
    .option('--tree', 'grow a decision tree in place of a network; implied by the options of trees')
    .addOption(valueOption('--episodes <n>', episodes))
    .option('--action-space <space>', space)
    .option('--out <folder>', 'the folder of the run (default: runs/student-<environment>-<seed>)')
    .option('--json', 'print the results as JSON, as results.json has them')
    .option('--force', 'replace the student that is in the folder already')
    .addOption(checkpointOption())
    .addOption(threadsOption())
    .addOption(setOption(table))
  for (const flag of flagsOf(table)) command.addOption(flag)
  addLayerOptions(command).action((flags: DistillFlags) => startDistillation(flags, settingsOf(table, flags)))
}

/** Options of `distill`, of all targets (marked with the targets' names) and of trees. */
function allOptions(): OptionTable {
  const all: Record<string, OptionTable[string]> = { ...distillOptions }
  const owners = new Map<string, string[]>()
  for (const target of Object.values(targets)) {
    for (const [name, option] of Object.entries(target.options as OptionTable)) {
      owners.set(name, [...(owners.get(name) ?? []), target.name])
      all[name] = { ...option, about: `${owners.get(name)!.join(', ')}: ${option.about}` }
    }
  }
  for (const [name, option] of Object.entries(viperOptions)) {
    const known = all[name]
    if (known === undefined) all[name] = { ...option, about: `trees: ${option.about}` }
    else if (known.value !== option.value) all[name] = { ...known, about: `${known.about}; trees: ${option.value}` }
  }
  return all
}

async function startDistillation(flags: DistillFlags, settings: Settings): Promise<void> {
  const { target = 'policy', layerNames, activation, episodes } = flags
  const layers = { ...(layerNames && { layerNames }), ...(activation && { activation }) }
  const space = flags.actionSpace
  const files = { teachers: flags.teacher, dataset: flags.dataset ?? null }
  const sources = readSources({ ...files, layers, env: flags.env, space })
  const { dataset, env, plays } = sources
  if (plays) make(env)
  else if (flags.target !== undefined && !targetOf(target as 'policy').acts) {
    throw new UsageError(
      `--target: a student of ${target} chooses no actions, to be compared with the labels; give --env`,
    )
  }
  const areActions = dataset?.isLabelled === false && dataset.actionSpace instanceof Discrete
  const hard = areActions && target === 'policy' ? { divergence: 'hard' } : {}
  const isTree = flags.tree || Object.keys(settings).some((name) => Object.hasOwn(treeOptions, name))
  const method = !isTree ? 'distill' : dataset === undefined ? 'viper' : 'fitTree'
  requireApplicable(flags, settings, method)
  const options: Settings = isTree
    ? readOptions(method, optionsOf(method), settings)
    : readDistillOptions(targetOf(target as 'policy'), { ...hard, ...settings }, dataset)
  const path = flags.out ?? join('runs', `student-${env}-${String(options.seed ?? 0)}`)
  const config: DistillConfig = {
    ...{ algorithm: method, env, numEnvs: 1, ...(!isTree && { target }) },
    teachers: flags.teacher.map((each) => relative(path, each)),
    dataset: flags.dataset === undefined ? null : relative(path, flags.dataset),
    ...{ layers, episodes, options, ...(!plays && { plays, ...(space && { space }) }) },
    ...keptModules(path, flags.import),
  }
  const work = (run: RunFolder<DistillConfig>) => finishDistillation(run, sources, flags.checkpointSeconds, flags.json)
  await RunFolder.start(path, config, work, flags.force)
}

/** Throws a UsageError on flags that contradict each other. */
function requireApplicable(flags: DistillFlags, settings: Settings, method: Method): void {
  const { teacher, target = 'policy', dataset } = flags
  const refuse = (flag: string, why: string) => {
    throw new UsageError(`${flag}: ${why}; leave it out`)
  }
  const table = optionsOf(method, target)
  const isTree = method !== 'distill'
  if (isTree && flags.target !== undefined) refuse('--target', 'a tree learns which action is best')
  for (const name of Object.keys(settings)) {
    if (dataset !== undefined && Object.hasOwn(collectorOptions, name)) {
      refuse(flagOf(name), 'with --dataset the states are labelled already')
    }
    if (!Object.hasOwn(table, name)) refuse(flagOf(name), `no option of ${isTree ? 'a tree' : `the target ${target}`}`)
  }
  for (const name of ['layerNames', 'activation']) {
    if (flags[name] !== undefined && teacher.length === 0) refuse(flagOf(name), 'there is no --teacher to read')
  }
}
