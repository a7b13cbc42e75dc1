// `alambic train <algorithm>`: trains an agent in a run folder, in an environment or from a log of episodes; each algorithm is a subcommand
// with its own flags. `alambic resume runs/<name>` continues a training or a distillation from its last checkpoint: the files equal those of
// an uninterrupted run, byte for byte, except for times. `alambic report runs/<name>` writes the page of a run.

import { basename, extname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { readOptions, wholeBetween } from '../../data/options.ts'
import { make } from '../../rl/envs/tasks/make.ts'
import type { OfflineAlgorithm } from '../../rl/offline/offline.ts'
import { preset, presets } from '../../rl/presets.ts'
import { algorithms } from '../../rl/registry.ts'
import type { Algorithm } from '../../rl/training/training.ts'
import { getBackend } from '../../tensor/dispatch/select.ts'
import { getThreads } from '../../tensor/threads/threads.ts'
import { knownAlgorithms, offlineAlgorithms, trainingEnvs } from '../runs/environments.ts'
import { type RunConfig, RunFolder } from '../runs/run-folder.ts'
import { importOption, keptModules } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import {
  addRunOptions,
  checkpointOption,
  listOption,
  nameOf,
  type RunFlags,
  settingsOf,
  threadsOption,
  valueOption,
} from '../terminal/options.ts'
import { finishDistillation } from '../training/distill-run.ts'
import { isDistillation, sourcesOf } from '../training/distill-sources.ts'
import { writeReport } from '../training/report.ts'
import { finishOffline, finishRun, isOffline, type OfflineConfig } from '../training/train-run.ts'
import { addSeedFlags, type SeedFlags, trainSeeds } from '../training/train-seeds.ts'

interface TrainFlags extends SeedFlags {
  readonly env?: string
  readonly envs?: number
  readonly preset?: string
  readonly tensorboard?: true
}

export function registerTrain(program: Command): void {
  const train = program.command('train').description('train an agent; "alambic train ppo --help" lists what can be set')
  for (const each of knownAlgorithms()) registerTraining(train, each)
  for (const each of offlineAlgorithms) registerOffline(train, each)
}

function registerTraining(train: Command, algorithm: Algorithm): void {
  const { name, about, numEnvs, maxEnvs = 65_536 } = algorithm
  const copies = wholeBetween(numEnvs, 1, maxEnvs, `copies of it to play in (default ${numEnvs})`)
  const own = presets.filter((each) => each.algorithm === name).map((each) => `${each.name}: ${each.about}`)
  const list = own.join('; ') || 'there are none'
  const command = train
    .command(name)
    .description(about)
    .option('--env <id>', `the environment, such as ${exampleOf(algorithm)}`)
    .addOption(valueOption('--envs <n>', copies).default(undefined)) // a preset may have its own
    .addOption(importOption())
    .option('--preset <name>', `start from named settings; flags go before them (${list})`)
  addRunOptions(command, algorithm, 'algorithm-environment-seed')
  command.option('--tensorboard', 'also write the metrics as an event file for TensorBoard; its wall time is the step')
  addSeedFlags(command).action((flags: TrainFlags) => startTraining(algorithm, flags))
}

function exampleOf({ observes, actions }: Algorithm): string {
  if (observes === 'states') return 'Taxi-v4'
  return actions.includes('discrete') ? 'CartPole-v1' : 'Pendulum-v1'
}

/** The configuration that flags give, without modules. Throws a UsageError or ValueError if the algorithm cannot train with it. */
function configOf(algorithm: Algorithm, flags: TrainFlags): RunConfig {
  const base = flags.preset === undefined ? undefined : preset(algorithm.name, flags.preset)
  const { env = base?.env, tensorboard } = flags
  const numEnvs = flags.envs ?? base?.numEnvs ?? algorithm.numEnvs
  if (env === undefined)
    throw new UsageError(`train ${algorithm.name}: no environment; give --env, such as --env ${exampleOf(algorithm)}`)
  const settings = { ...base?.options, ...settingsOf(algorithm, flags) }
  const options = readOptions(algorithm.name, algorithm.options, settings)
  requireActions(algorithm, env)
  // Throws on unsupported observations before the folder is created.
  algorithm.newAgent(trainingEnvs(env, 1, algorithm.observes), options)
  return { algorithm: algorithm.name, env, numEnvs, options, ...(tensorboard && { tensorboard }) }
}

async function startTraining(algorithm: Algorithm, flags: TrainFlags): Promise<void> {
  const { seeds, jobs, out } = flags
  if (seeds === undefined && jobs !== undefined) {
    throw new UsageError('train: --jobs is for several seeds; give --seeds, such as 0-9')
  }
  if (seeds !== undefined && settingsOf(algorithm, flags).seed !== undefined) {
    throw new UsageError('train: --seed and --seeds exclude each other; give one of them')
  }
  const config = configOf(algorithm, flags)
  const { env, numEnvs, options } = config
  const name = `${algorithm.name}-${env}`
  if (seeds !== undefined) return trainSeeds(nameOf(flags.name ?? name), config, seeds, flags)
  const path = join(out, nameOf(flags.name ?? `${name}-${options.seed}`))
  await RunFolder.start(path, { ...config, ...keptModules(path, flags.import) }, (run) => {
    const threads = getThreads() === 1 ? '' : `, ${getThreads()} threads`
    console.log(
      `${algorithm.name} in ${numEnvs} x ${env}, seed ${options.seed}, backend ${getBackend()}${threads} → ${path}`,
    )
    return finishRun(run, flags.checkpointSeconds)
  })
}

/** Throws a `UsageError` if the algorithm does not support the action space. */
function requireActions({ name, actions }: Algorithm, id: string): void {
  const { actionSpace } = make<unknown, unknown>(id)
  if ((actions as readonly string[]).includes(actionSpace.kind)) return
  const others = algorithms.filter((each) => (each.actions as readonly string[]).includes(actionSpace.kind))
  const hint = others.length === 0 ? 'no algorithm does' : `${others.map((each) => each.name).join(', ')} can`
  throw new UsageError(`${name} cannot act in ${id}, which takes ${String(actionSpace)}; ${hint}`)
}

interface OfflineFlags extends RunFlags {
  readonly dataset: readonly string[]
  readonly env?: string
}

function registerOffline(train: Command, algorithm: OfflineAlgorithm): void {
  const log = listOption('--dataset <file>', 'the log, .csv, as "alambic record --log" writes it; may be repeated')
  const command = train
    .command(algorithm.name)
    .description(algorithm.about)
    .addOption(log.default([], 'none'))
    .option('--env <id>', 'the recorded environment (default: unknown; the log gives the spaces)')
    .addOption(importOption())
  addRunOptions(command, algorithm, 'algorithm-log-seed').action((flags: OfflineFlags) =>
    startOffline(algorithm, flags),
  )
}

async function startOffline({ name, options: table }: OfflineAlgorithm, flags: OfflineFlags): Promise<void> {
  const { dataset, env = '', out, checkpointSeconds } = flags
  const [first] = dataset
  if (first === undefined) throw new UsageError(`train ${name}: no log; give --dataset <file>`)
  const options = readOptions(name, table, settingsOf({ options: table }, flags))
  const path = join(out, nameOf(flags.name ?? `${name}-${basename(first, extname(first))}-${options.seed}`))
  const config: OfflineConfig = {
    ...{ algorithm: name, env, numEnvs: 1, options, ...keptModules(path, flags.import) },
    dataset: dataset.map((file) => relative(path, file)),
  }
  await RunFolder.start(path, config, (run) => finishOffline(run, checkpointSeconds))
}

export function registerResume(program: Command): void {
  program
    .command('resume')
    .description(
      'continue a training or a distillation that was stopped or killed, with the options it was started with',
    )
    .argument('<run>', 'its folder, such as runs/ppo-CartPole-v1-0')
    .addOption(importOption())
    .addOption(checkpointOption())
    .addOption(threadsOption())
    .action(async (path: string, { checkpointSeconds }: { readonly checkpointSeconds: number }) => {
      const run = RunFolder.open(path)
      await run.folder.locked(() => {
        if (isDistillation(run)) return finishDistillation(run, sourcesOf(run), checkpointSeconds)
        return isOffline(run) ? finishOffline(run, checkpointSeconds) : finishRun(run, checkpointSeconds)
      })
    })
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write the page of a training or a distillation, report.html, into its folder')
    .argument('<run>', 'its folder, such as runs/ppo-CartPole-v1-0')
    .addOption(importOption())
    .action(async (path: string) => {
      const run = RunFolder.open(path)
      await run.folder.locked(async () => console.log(writeReport(run).path))
    })
}
