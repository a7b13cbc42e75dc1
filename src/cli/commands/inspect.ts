// Commands that only read: `alambic evaluate runs/<name>` plays a trained agent or a student greedily; `inspect agent runs/student` describes
// it; `inspect kernel matmul` prints a kernel in the text form of WebAssembly or, with `--backend wgsl`, in WGSL; `inspect devices` lists the
// devices of this machine; `envs` and `algorithms` list what there is, as a table or as JSON.

import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { wholeBetween } from '../../data/options.ts'
import { agentMetadata } from '../../export/agent-file.ts'
import { devices } from '../../gpu/device.ts'
import { wgslNames, wgslText } from '../../gpu/wgsl/kernels.ts'
import { describeLayers } from '../../nn/layers/network-text.ts'
import type { NetworkSpec } from '../../nn/layers/spec.ts'
import type { HasParameters } from '../../nn/module.ts'
import { formatCount, formatFixed, formatTable } from '../../plot/format.ts'
import { make, registeredIds, spec } from '../../rl/envs/tasks/make.ts'
import { namesOf } from '../../rl/envs/tasks/names.ts'
import { evaluatePolicy } from '../../rl/evaluate.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import { presets } from '../../rl/presets.ts'
import { kernelNames, kernelText } from '../../tensor/backends/wasm/kernels.ts'
import { TERM } from '../../tensor/backends/wasm/parts.ts'
import { getThreads, measureThreads } from '../../tensor/threads/threads.ts'
import { actionsOf, addLayerOptions, type LayerFlags, policyOf, readAgent } from '../runs/agents.ts'
import { knownAlgorithms, offlineAlgorithms, singleEnv } from '../runs/environments.ts'
import { EVALUATION } from '../runs/run-folder.ts'
import { importOption } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { choiceOption, threadsOption, valueOption } from '../terminal/options.ts'
import { OutputFolder } from '../terminal/output-folder.ts'
import { sizeOf, sizeText } from '../training/report.ts'

export function registerInspect(program: Command): void {
  const inspect = program.command('inspect').description('look inside: agents, kernels, the devices of this machine')
  const agent = inspect
    .command('agent')
    .description('describe an agent: what it takes and gives, its size, its layers, the rules of a tree')
    .argument('<path>', 'the folder of a run or a student, or the file of a network or tree')
  addLayerOptions(agent).addOption(importOption()).action(inspectAgent)
  inspect
    .command('kernel')
    .description('print a kernel of the CPU or the GPU as text; without a name, list them')
    .argument('[name]', 'such as matmul')
    .addOption(choiceOption('--backend <name>', 'the language of the kernels', ['wasm', 'wgsl']).default('wasm'))
    .action((name: string | undefined, { backend }: { backend: string }) => {
      const [names, text] = backend === 'wasm' ? [kernelNames, kernelText] : [wgslNames, wgslText]
      console.log(name === undefined ? names().join('\n') : text(name))
    })
  inspect
    .command('devices')
    .description('list the devices and modes that this machine has, and what threads gain on it')
    .addOption(threadsOption())
    .action(async () => {
      const all = await devices()
      const rows = all.map(({ device, mode, available, hardware, adapter }) =>
        available ? [device, mode, 'yes', hardware, adapter] : [device, mode, 'no', hardware, '–'],
      )
      console.log(formatTable(['device', 'mode', 'present', 'made of', 'adapter'], rows))
      const absent = all.filter(({ available }) => !available)
      console.log(`\n${absent.map(({ mode, adapter }) => `${mode}: ${adapter}`).join('\n')}`)
      console.log(`\n${await threadsText()}`)
    })
}

async function threadsText(): Promise<string> {
  const measured = await measureThreads()
  if (measured === null) return 'threads: 1'
  const { trip, gain, threshold } = measured
  const head = `threads: ${getThreads()}, ${gain.toFixed(2)} times as fast as one`
  if (trip === Infinity) return `${head}: not used while no other core is free`
  const [product, us] = [formatCount(threshold / TERM), (ns: number) => `${(ns / 1000).toFixed(1)} us`]
  return `${head}; ${us(trip)} to hand over a part; calls are divided from ${us(threshold)} on (a product of ${product} multiply-adds)`
}

function inspectAgent(path: string, flags: LayerFlags): void {
  const { agent, env = '–' } = readAgent(path, flags)
  const head = ['kind', 'environment', 'observation', 'actions', 'size']
  const [kind, observation] = [agent.constructor.name, `${agent.observationSize} numbers`]
  const row = [kind, env, observation, actionsOf(agent), sizeText(sizeOf(agent))]
  console.log(formatTable(head, [row]))
  const { networks = '{}' } = 'parameters' in agent ? agentMetadata(agent as HasParameters) : {}
  for (const [part, { layers }] of Object.entries<NetworkSpec>(JSON.parse(networks))) {
    console.log(`${part || 'network'}: ${describeLayers(layers)}`)
  }
  if (agent instanceof DecisionTree) console.log(`\n${agent.toText(namesOf(env))}`)
}

export function registerList(program: Command): void {
  const add = (name: string, about: string, list: () => readonly object[], toRow: (entry: never) => string[]) =>
    program
      .command(name)
      .description(about)
      .option('--json', 'print a JSON array')
      .addOption(importOption())
      .action(({ json }: { readonly json?: true }) => {
        const entries = list()
        if (json === true) return console.log(JSON.stringify(entries, undefined, 2))
        console.log(formatTable(Object.keys(entries[0]!), (entries as never[]).map(toRow)))
      })
  add(
    'envs',
    'list the environments: spaces, rewards of a step, time limit, the mean return from which they count as solved, presets',
    environments,
    rowOf,
  )
  add('algorithms', 'list the algorithms: the kinds of actions that they take, presets', algorithms, rowOf)
}

function environments() {
  return registeredIds().map((id) => {
    const { maxEpisodeSteps = null, rewardThreshold = null, rewardRange = null } = spec(id)
    const env = make<unknown, unknown>(id)
    return {
      id,
      observationSpace: String(env.observationSpace),
      actionSpace: String(env.actionSpace),
      rewardRange,
      maxEpisodeSteps,
      rewardThreshold,
      presets: presets.filter((each) => each.env === id).map(({ name }) => name),
    }
  })
}

function algorithms() {
  return [...knownAlgorithms(), ...offlineAlgorithms].map(({ name, about, actions }) => ({
    name,
    actions,
    presets: presets.filter((each) => each.algorithm === name).map((each) => each.name),
    about,
  }))
}

function rowOf(entry: Readonly<Record<string, unknown>>): string[] {
  return Object.values(entry).map((value) => {
    if (Array.isArray(value)) return value.join(', ') || '–'
    // Bounds are those of float32; four digits are enough to read.
    return String(value ?? '–').replace(/-?\d+\.\d{5,}/g, (digits) => String(Number(Number(digits).toPrecision(4))))
  })
}

interface EvaluateFlags extends LayerFlags {
  readonly env?: string
  readonly episodes: number
  readonly seed: number
}

export function registerEvaluate(program: Command): void {
  const seed = wholeBetween(1_000_000, 0, 2 ** 52, 'of the first start; the next ones count up')
  const command = program
    .command('evaluate')
    .description('play an agent greedily and print its returns')
    .argument('<path>', 'the folder of a run or a student, or the file of a network or tree')
    .addOption(importOption())
    .option('--env <id>', 'the environment (default: that of the run or the file)')
    .addOption(valueOption('--episodes <n>', wholeBetween(100, 1, 1_000_000, 'episodes to play')))
    .addOption(valueOption('--seed <n>', seed))
  addLayerOptions(command).action(evaluate)
}

function evaluate(path: string, flags: EvaluateFlags): void {
  const { episodes, seed } = flags
  const saved = readAgent(path, flags, flags.env)
  const env = flags.env ?? saved.env
  if (env === undefined) throw new UsageError(`evaluate: "${path}" names no environment; give --env`)
  const result = evaluatePolicy(policyOf(saved, singleEnv(env)), () => singleEnv(env), { episodes, seed })
  const { mean, interval, standardDeviation, steps } = result
  if (statSync(path).isDirectory()) {
    OutputFolder.open(path).writeJson(EVALUATION, { env, episodes, seed, ...result })
  }
  const { rewardThreshold: threshold } = spec(env)
  const solved = threshold === undefined ? '–' : String(threshold)
  const range = `[${formatFixed(interval.low)}, ${formatFixed(interval.high)}]`
  const row = [formatCount(episodes), formatFixed(mean), range, formatFixed(standardDeviation), formatCount(steps)]
  const head = ['environment', 'episodes', 'mean return', '95 % interval', 'deviation', 'steps', 'solved at']
  console.log(formatTable(head, [[env, ...row, solved]]))
}
