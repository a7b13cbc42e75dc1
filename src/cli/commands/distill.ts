// `alambic distill`: a small student of any teacher, or of labels that are there already. ../distillation.ts does the work.

import { basename, extname, join } from 'node:path'
import { type Command, Option } from 'commander'
import { type CollectionMode, collectionModes } from '../../distill/collect.ts'
import { labelledSetFromCsv } from '../../distill/csv.ts'
import type { LabelledSet } from '../../distill/labelled-set.ts'
import { labelledSetFromJson, loadLabelledSet, saveLabelledSet } from '../../distill/set-files.ts'
import { defaultTemperature, type TargetName, type TargetOptions, targetNames } from '../../distill/targets.ts'
import { DecisionTree } from '../../distill/tree-agent.ts'
import { type StateWeighting, stateWeightings } from '../../distill/weights.ts'
import { formatCount, formatFixed } from '../../plot/format.ts'
import { formatTable } from '../../plot/tables.ts'
import type { Evaluation } from '../../rl/evaluate.ts'
import { sizes } from '../../rl/options.ts'
import { Discrete } from '../../rl/spaces.ts'
import { type Distillation, type DistillationPlan, prepareDistillation } from '../distillation.ts'
import { UsageError } from '../failures.ts'
import { namesOf } from '../observation-names.ts'
import { choiceOption, integerOption, seedOption } from '../options.ts'
import { OutputFolder } from '../output-folder.ts'
import { addForeignOptions, type ForeignFlags, readBytes, readSavedAgent } from '../saved-agents.ts'
import { studentFile, writeStudent } from '../student-folder.ts'
import { singleEnv } from '../training/environments.ts'

interface DistillFlags extends ForeignFlags {
  readonly teacher?: string
  readonly env?: string
  readonly set?: string
  readonly labels?: number
  readonly mode?: CollectionMode
  readonly target?: TargetName
  readonly tau?: NonNullable<TargetOptions['temperature']>
  readonly weights?: StateWeighting
  readonly hidden?: readonly number[]
  readonly updates?: number
  readonly tree?: number
  readonly leaves?: number
  readonly episodes: number
  readonly seed: number
  readonly out?: string
  readonly force?: true
}

const NETWORK_LABELS = 200
const TREE_LABELS = 2000
const hiddenSizes = sizes([64, 64], '')

export function registerDistill(program: Command): void {
  const command = program
    .command('distill')
    .description('label some states with a teacher, train a small student on them, and compare the two')
    .option('--teacher <path>', 'a folder of a run or a student, or a .safetensors file, ours or of Stable-Baselines3')
    .option('--env <id>', 'the environment, such as CartPole-v1 (default: that of the teacher or the set)')
    .option('--set <file>', 'learn from this labelled set, .safetensors, .json or .csv, in place of asking a teacher')
    .addOption(
      integerOption('--labels <n>', `states to label (default ${NETWORK_LABELS}; ${TREE_LABELS} for a tree)`, {
        min: 1,
        max: 1_000_000,
      }),
    )
    .addOption(choiceOption('--mode <name>', 'which states are labelled; default student', collectionModes))
    .addOption(choiceOption('--target <name>', 'what the student learns; default policy', targetNames))
    .addOption(tauOption())
    .addOption(choiceOption('--weights <name>', 'which states count more; default none', stateWeightings))
    .addOption(hiddenOption())
    .addOption(integerOption('--updates <n>', 'gradient steps (default 1500)', { min: 1, max: 10_000_000 }))
    .addOption(
      integerOption('--tree <depth>', 'grow a decision tree of so many questions in place of a network', {
        min: 1,
        max: 30,
      }),
    )
    .addOption(integerOption('--leaves <n>', 'of the tree, at most', { min: 1 }))
    .addOption(
      integerOption('--episodes <n>', 'episodes that both are judged by', { min: 1, max: 100_000 }).default(100),
    )
    .addOption(seedOption())
    .option('--out <folder>', 'the folder to write into (default: runs/student-<environment>-<seed>)')
    .option('--force', 'replace a student that is there already')
  addForeignOptions(command).action(distil)
}

function tauOption(): Option {
  return new Option(
    '--tau <x>',
    'softness of the labels: in action gaps (1), absolute (abs:0.5), or auto; default 0.3 where students choose the states, else 1',
  ).argParser((text: string): TargetOptions['temperature'] => {
    if (text === 'auto') return 'auto'
    const absolute = text.startsWith('abs:')
    const number = Number(absolute ? text.slice(4) : text.trim() === '' ? Number.NaN : text)
    if (!(number > 0 && number < Infinity)) {
      throw new UsageError(`--tau: expected a number above 0, abs:<number> or auto, given "${text}"`)
    }
    return absolute ? { kind: 'abs', value: number } : { kind: 'gap', c: number }
  })
}

function hiddenOption(): Option {
  const about = 'widths of the hidden layers, with commas; "" for none (default 64,64)'
  return new Option('--hidden <widths>', about).argParser((text: string) => {
    const widths = hiddenSizes.parse(text)
    if (hiddenSizes.accepts(widths)) return widths as readonly number[]
    throw new UsageError(`--hidden: expected ${hiddenSizes.allowed}, such as 64,64, given "${text}"`)
  })
}

async function distil(flags: DistillFlags): Promise<void> {
  const plan = planOf(flags)
  const work = prepareDistillation(plan)
  const path = flags.out ?? join('runs', `student-${plan.env}-${plan.seed}`)
  const taken = studentFile(path)
  if (taken !== undefined && flags.force === undefined) {
    throw new UsageError(`"${taken}" exists already; replace it with --force, or choose another --out`)
  }
  const folder = OutputFolder.open(path)
  const result = await work()
  console.log(tableOf(result))
  if (result.student instanceof DecisionTree) console.log(`\n${result.student.describe(namesOf(plan.env))}`)
  writeAll(folder, plan, flags, result)
  console.log(`\nStudent: ${path}. Take it away with: alambic export ${path} --to js`)
}

function planOf(flags: DistillFlags): DistillationPlan {
  requireFitting(flags)
  const saved = flags.teacher === undefined ? undefined : readSavedAgent(flags.teacher, flags)
  const set = flags.set === undefined ? undefined : readSet(flags.set, flags.env)
  const env = flags.env ?? set?.envId ?? saved?.env
  if (env === undefined) throw new UsageError('distill: which environment? Say --env CartPole-v1')
  const { target = 'policy', mode = 'student', tau, weights, tree, leaves, seed, episodes } = flags
  return {
    env,
    ...(saved !== undefined && { teacher: { agent: saved.agent, name: basename(flags.teacher!) } }),
    ...(set !== undefined && { set }),
    labels: flags.labels ?? (tree === undefined ? NETWORK_LABELS : TREE_LABELS),
    mode,
    target,
    targetOptions: {
      seed,
      temperature: tau ?? defaultTemperature(target, set?.provenance.mode ?? mode),
      ...(weights && { stateWeights: weights }),
    },
    hidden: flags.hidden ?? hiddenSizes.value,
    updates: flags.updates ?? 1500,
    seed,
    ...(tree !== undefined && { tree: { maxDepth: tree, ...(leaves !== undefined && { maxLeaves: leaves }) } }),
    episodes,
  }
}

/** Throws a UsageError on flags that nothing would read. */
function requireFitting(flags: DistillFlags): void {
  const refuse = (names: readonly (keyof DistillFlags)[], why: string) => {
    const given = names.find((name) => flags[name] !== undefined)
    if (given !== undefined) throw new UsageError(`--${given}: ${why}; leave it out`)
  }
  if (flags.set !== undefined) refuse(['labels', 'mode'], 'with --set the states are labelled already')
  if (flags.tree === undefined) refuse(['leaves'], 'only a --tree has leaves')
  else
    refuse(['mode', 'target', 'tau', 'weights', 'hidden', 'updates'], 'a --tree is grown in rounds of its own (VIPER)')
  if (flags.teacher === undefined) refuse(['layout', 'activation'], 'there is no --teacher to read')
}

function readSet(path: string, envId: string | undefined): LabelledSet {
  const kind = extname(path)
  if (!['.safetensors', '.json', '.csv'].includes(kind)) {
    throw new UsageError(`--set: expected a .safetensors, .json or .csv file, given "${path}"`)
  }
  if (kind !== '.csv') {
    const bytes = readBytes(path)
    return kind === '.json' ? labelledSetFromJson(bytes.toString()) : loadLabelledSet(bytes)
  }
  if (envId === undefined) throw new UsageError(`--set: "${path}" does not say of which environment it is; say --env`)
  const { actionSpace } = singleEnv(envId)
  return labelledSetFromCsv(readBytes(path).toString(), {
    envId,
    teacher: basename(path),
    ...(actionSpace instanceof Discrete && { actionCount: actionSpace.n }),
  })
}

function tableOf({ teacher, size, set, updates, evaluation }: Distillation): string {
  const row = (name: string, its: string, { mean, interval }: Evaluation, spent: readonly number[]) => [
    name,
    formatFixed(mean),
    `[${formatFixed(interval.low)}, ${formatFixed(interval.high)}]`,
    its,
    ...(spent.length === 0 ? ['–', '–', '–'] : spent.map(formatCount)),
  ]
  return formatTable(
    ['', 'mean return', '95 % interval', 'size', 'labels', 'environment steps', 'updates'],
    [
      ...(teacher === undefined ? [] : [row('teacher', teacher.size, teacher.evaluation, [])]),
      row('student', size, evaluation, [set.labels, set.environmentSteps, updates]),
    ],
  )
}

function writeAll(folder: OutputFolder, plan: DistillationPlan, flags: DistillFlags, result: Distillation): void {
  const { student, set, settings, updates } = result
  const { env, seed, target, hidden } = plan
  folder.write('labelled-set.safetensors', saveLabelledSet(set))
  folder.writeJson('results.json', {
    teacher: result.teacher?.evaluation ?? null,
    student: result.evaluation,
    labels: set.labels,
    environmentSteps: set.environmentSteps,
    updates,
  })
  const from = { teacher: flags.teacher ?? null, set: flags.set ?? null, states: set.provenance }
  writeStudent(
    folder,
    '',
    student,
    plan.tree ? { env, seed, ...from } : { env, seed, ...from, target, hidden, updates, settings },
  )
}
