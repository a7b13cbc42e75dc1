// `alambic train <algorithm>`: trains an agent in a run folder. Each algorithm is a subcommand with its own flags.

import { join } from 'node:path'
import type { Command } from 'commander'
import { readOptions, wholeBetween } from '../../data/options.ts'
import { make } from '../../rl/envs/tasks/make.ts'
import { preset, presets } from '../../rl/presets.ts'
import { type Algorithm, algorithms } from '../../rl/registry.ts'
import { getBackend } from '../../tensor/dispatch/select.ts'
import { getThreads } from '../../tensor/threads/threads.ts'
import { trainingEnvs } from '../runs/environments.ts'
import { knownAlgorithms, offlineAlgorithms } from '../runs/known-algorithms.ts'
import { type RunConfig, RunFolder } from '../runs/run-folder.ts'
import { importOption, keptModules } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { addRunOptions, nameOf, settingsOf, valueOption } from '../terminal/options.ts'
import { finishRun } from '../training/train-run.ts'
import { addSeedFlags, type SeedFlags, trainSeeds } from '../training/train-seeds.ts'
import { registerOffline } from './train-offline.ts'

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
  const { name, about } = algorithm
  const command = train.command(name).description(about)
  addTrainingFlags(command, algorithm, 'algorithm-environment-seed')
  command.option('--tensorboard', 'also write the metrics as an event file for TensorBoard; its wall time is the step')
  addSeedFlags(command).action((flags: TrainFlags) =>
    flags.seeds === undefined ? startRun(algorithm, flags) : startRuns(algorithm, flags, flags.seeds),
  )
}

/** The flags of every training in an environment. `folder` is the default of --name. */
export function addTrainingFlags(command: Command, algorithm: Algorithm, folder: string): Command {
  const { name, numEnvs, maxEnvs = 65_536 } = algorithm
  const copies = wholeBetween(numEnvs, 1, maxEnvs, `copies of it to play in (default ${numEnvs})`)
  const own = presets.filter((each) => each.algorithm === name).map((each) => `${each.name}: ${each.about}`)
  const list = own.join('; ') || 'there are none'
  command
    .option('--env <id>', `the environment, such as ${exampleOf(algorithm)}`)
    .addOption(valueOption('--envs <n>', copies).default(undefined)) // a preset may have its own
    .addOption(importOption())
    .option('--preset <name>', `start from named settings; flags go before them (${list})`)
  return addRunOptions(command, algorithm, folder)
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
    throw new UsageError(`train ${algorithm.name}: which environment? Say --env ${exampleOf(algorithm)}`)
  const settings = { ...base?.options, ...settingsOf(algorithm, flags) }
  const options = readOptions(algorithm.name, algorithm.options, settings)
  requireActions(algorithm, env)
  // Throws on unsupported observations before the folder is created.
  algorithm.newAgent(trainingEnvs(env, 1, algorithm.observes), options)
  return { algorithm: algorithm.name, env, numEnvs, options, ...(tensorboard && { tensorboard }) }
}

async function startRun(algorithm: Algorithm, flags: TrainFlags): Promise<void> {
  if (flags.jobs !== undefined) throw new UsageError('train: --jobs is for several seeds; give --seeds, such as 0-9')
  const config = configOf(algorithm, flags)
  const { env, numEnvs, options } = config
  const seed = String(options.seed)
  const path = join(flags.out, nameOf(flags.name ?? `${algorithm.name}-${env}-${seed}`))
  await RunFolder.start(path, { ...config, ...keptModules(path, flags.import) }, (run) => {
    const threads = getThreads() === 1 ? '' : `, ${getThreads()} threads`
    console.log(`${algorithm.name} in ${numEnvs} x ${env}, seed ${seed}, backend ${getBackend()}${threads} → ${path}`)
    return finishRun(run, flags.checkpointSeconds)
  })
}

async function startRuns(algorithm: Algorithm, flags: TrainFlags, seeds: readonly number[]): Promise<void> {
  if (settingsOf(algorithm, flags).seed !== undefined) {
    throw new UsageError('train: --seed and --seeds exclude each other; give one of them')
  }
  const config = configOf(algorithm, flags)
  await trainSeeds(nameOf(flags.name ?? `${algorithm.name}-${config.env}`), config, seeds, flags)
}

/** Throws a `UsageError` if the algorithm does not support the action space. */
function requireActions({ name, actions }: Algorithm, id: string): void {
  const { actionSpace } = make<unknown, unknown>(id)
  if ((actions as readonly string[]).includes(actionSpace.kind)) return
  const others = algorithms.filter((each) => (each.actions as readonly string[]).includes(actionSpace.kind))
  const hint = others.length === 0 ? 'no algorithm does' : `${others.map((each) => each.name).join(', ')} can`
  throw new UsageError(`${name} cannot act in ${id}, which takes ${String(actionSpace)}; ${hint}`)
}
