// One agent as one file: a network as .safetensors, whose metadata says what its outputs are, or a decision tree as .json. Networks
// of other programs are read as well, given the names of their layers. Read next: runs.ts for the folders that hold such files.

import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { OutputMeaning } from '../export/dense-layers.ts'
import { type ActivationName, activations } from '../nn/activations.ts'
import { saveParameters } from '../nn/checkpoint.ts'
import type { Module } from '../nn/module.ts'
import { readSafetensors, type SafetensorsFile } from '../nn/safetensors.ts'
import { BinReadOut } from '../nn/value-bins.ts'
import { DeterministicAgent, SquashedGaussianAgent } from '../rl/continuous-policies.ts'
import { DecisionTree } from '../rl/decision-tree.ts'
import { ActionValueAgent, PolicyAgent, StateValueAgent } from '../rl/discrete-policies.ts'
import type { Policy } from '../rl/policy.ts'
import { ids, make } from '../rl/registry.ts'
import { isStableBaselines, type LayerNames, loadSb3Policy, readLayers } from '../rl/sb3-policy.ts'
import { Box, Discrete } from '../rl/spaces.ts'
import { CheckpointError } from '../tensor/errors.ts'
import { fileReason, UsageError } from './failures.ts'
import { choiceOption } from './options.ts'

/** An agent from a file or folder. State values need a look-ahead to act; see policies.ts. */
export type AnyAgent = Policy | StateValueAgent

/** How the network of another program is read. */
export interface LayerFlags {
  readonly layerNames?: LayerNames
  /** Between the layers. */
  readonly activation?: ActivationName
}

/** `--layer-names` and `--activation` */
export function addLayerOptions(command: Command): Command {
  const about = "names of the layers of another program's network, as JSON: "
  const layers = new Option('--layer-names <file>', `${about}{"activation": "tanh", "logits": ["0", "2"]}`)
  return command
    .addOption(layers.argParser(readLayerNames))
    .addOption(choiceOption('--activation <name>', 'between the layers of such a network', Object.keys(activations)))
}

/** What the outputs of a network are. */
type Outputs = OutputMeaning | 'gaussian' | 'actions'

/** The metadata of a network's file: what its outputs are, where it acts, and all else that is JSON. */
type Notes = Readonly<Record<string, string>>

/**
 * The bytes of the file of an agent that is one network of linear layers with relu between them, as students are. Throws a UsageError
 * on any other.
 */
export function networkFile(agent: object, notes: Notes = {}): Uint8Array {
  const { network, outputs, ...rest } = partsOf(agent)
  const isBinned = network instanceof BinReadOut
  const about = { ...rest, ...(isBinned && { bins: Array.from(network.positions) }) }
  const texts = Object.entries(about).map(([name, value]) => [name, JSON.stringify(value)])
  return saveParameters(isBinned ? network.network : network, { ...notes, outputs, ...Object.fromEntries(texts) })
}

interface Parts {
  readonly network: Module
  readonly outputs: Outputs
  /** Of state values. */
  readonly actionCount?: number
  /** Of state values: V = mean + deviation · output. */
  readonly units?: StateValueAgent['units']
  /** Of continuous actions. */
  readonly bounds?: { readonly low: readonly number[]; readonly high: readonly number[] }
}

function partsOf(agent: object): Parts {
  if (agent instanceof StateValueAgent) {
    const { network, actionCount, units } = agent
    return { network, outputs: 'stateValues', actionCount, units }
  }
  if (agent instanceof PolicyAgent) return { network: agent.network, outputs: 'logits' }
  if (agent instanceof ActionValueAgent) return { network: agent.network, outputs: 'actionValues' }
  if (agent instanceof SquashedGaussianAgent || agent instanceof DeterministicAgent) {
    const bounds = { low: Array.from(agent.bounds.low), high: Array.from(agent.bounds.high) }
    return { network: agent.actor, outputs: agent instanceof DeterministicAgent ? 'actions' : 'gaussian', bounds }
  }
  throw new UsageError(`an agent of the kind ${agent.constructor.name} is not one network and has no file of its own`)
}

/**
 * Reads the agent of a file, and where it acts as far as the file has that.
 *
 * @param envId where the agent will act; it gives the number of actions where the file does not
 *
 * Throws a UsageError or a CheckpointError on a file that holds no agent.
 */
export function readAgentFile(path: string, flags: LayerFlags, envId?: string): { agent: AnyAgent; env?: string } {
  const bytes = readBytes(path)
  if (path.endsWith('.json')) return { agent: DecisionTree.fromJson(bytes.toString()) }
  const file = readSafetensors(bytes)
  const { environment } = file.metadata
  const agent = agentOf(file, flags, envId ?? environment)
  return environment === undefined ? { agent } : { agent, env: environment }
}

function agentOf(file: SafetensorsFile, { layerNames, activation }: LayerFlags, envId: string | undefined): AnyAgent {
  if (layerNames === undefined && !isStableBaselines(file) && file.tensors.has('0.weight')) {
    if (activation === undefined || activation === 'relu') return plainAgent(file, envId)
    throw new UsageError("--activation: networks of alambic's own files have relu; give --layer-names for others")
  }
  const names = layerNames ?? actorCriticLayers(file)
  return loadSb3Policy(file, { ...(names && { layerNames: names }), ...(activation && { activation }) })
}

/** The agent of a network whose layers are called 0, 2, 4, … . Without notes a single output is a state value, several are scores. */
function plainAgent(file: SafetensorsFile, envId: string | undefined): AnyAgent {
  const { metadata, tensors } = file
  const names = Array.from({ length: Math.max(1, Math.ceil(tensors.size / 2)) }, (_, i) => `${2 * i}`)
  const plain = readLayers(file, names, 'relu')
  const [inputs, width] = [plain.sizes[0]!, plain.sizes.at(-1)!]
  const bins = parsed(metadata.bins, isNumbers)
  const network = bins === undefined ? plain : new BinReadOut(plain, Float64Array.from(bins))
  const values = bins === undefined ? width : width / bins.length
  const scores = metadata.algorithm === 'dqn' ? 'actionValues' : 'logits'
  const outputs = metadata.outputs ?? (values === 1 ? 'stateValues' : scores)
  if (outputs === 'logits') return new PolicyAgent(network, inputs, values)
  if (outputs === 'actionValues') return new ActionValueAgent(network, inputs, values)
  if (outputs === 'stateValues') {
    const actionCount = actionCountOf(envId) ?? parsed(metadata.actionCount, Number.isInteger) ?? 1
    return new StateValueAgent(network, inputs, actionCount as number, parsed(metadata.units, isUnits))
  }
  const bounds = parsed(metadata.bounds, isBounds)
  if ((outputs === 'gaussian' || outputs === 'actions') && bounds !== undefined) {
    const Agent = outputs === 'gaussian' ? SquashedGaussianAgent : DeterministicAgent
    return new Agent(plain, inputs, new Box(bounds.low, bounds.high))
  }
  throw new CheckpointError(
    `the network's outputs are ${JSON.stringify(outputs)}; expected logits, actionValues or stateValues, or gaussian or ` +
      'actions with bounds',
  )
}

/** The layers of the file that a training of PPO and its kin writes: an actor and a critic side by side. */
function actorCriticLayers({ tensors }: SafetensorsFile): LayerNames | undefined {
  const layersOf = (network: string) =>
    [...tensors.keys()]
      .filter((name) => new RegExp(`^${network}\\.\\d+\\.weight$`).test(name))
      .map((name) => name.slice(0, -'.weight'.length))
  const [logits, stateValues] = [layersOf('actor'), layersOf('critic')]
  if (logits.length === 0 || stateValues.length === 0 || tensors.has('logStd')) return undefined
  return { activation: 'tanh', logits, stateValues }
}

function actionCountOf(envId: string | undefined): number | undefined {
  if (envId === undefined || !ids().includes(envId)) return undefined
  const { actionSpace } = make<unknown, unknown>(envId)
  return actionSpace instanceof Discrete ? actionSpace.n : undefined
}

/** JSON of the expected form, else undefined. */
function parsed<T>(text: string | undefined, accepts: (value: unknown) => value is T): T | undefined
function parsed(text: string | undefined, accepts: (value: unknown) => boolean): unknown
function parsed(text: string | undefined, accepts: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return accepts(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number')
}

function isUnits(value: unknown): value is StateValueAgent['units'] {
  const { mean, deviation } = (value ?? {}) as Partial<Record<string, unknown>>
  return typeof mean === 'number' && typeof deviation === 'number'
}

function isBounds(value: unknown): value is { low: number[]; high: number[] } {
  const { low, high } = (value ?? {}) as Partial<Record<string, unknown>>
  return isNumbers(low) && isNumbers(high) && low.length === high.length
}

function readLayerNames(path: string): LayerNames {
  const text = readBytes(path).toString()
  const expected = 'expected {"activation": …, "logits": [names of layers]}'
  const names = parsed(text, (value) => value !== null && typeof value === 'object' && !Array.isArray(value))
  if (names !== undefined) return names as LayerNames
  throw new UsageError(`--layer-names: "${path}" holds no JSON object; ${expected}`)
}

/** The bytes of a file. Throws a UsageError. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${fileReason(error)}`)
  }
}
