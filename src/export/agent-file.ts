// Agents as .safetensors files, readable by PyTorch: the parameters of the network, with the kind of its outputs in the metadata. Also reads
// networks of other programs. Read next: ../rl/policies/sb3-policy.ts, onnx-reader.ts.

import { Box } from '../data/spaces.ts'
import { saveParameters } from '../nn/files/parameters.ts'
import type { SafetensorsFile } from '../nn/files/safetensors.ts'
import { readStateDict } from '../nn/files/state-dict.ts'
import { BinReadOut } from '../nn/layers/value-bins.ts'
import type { Module } from '../nn/module.ts'
import { DeterministicPolicy, GaussianPolicy, SquashedGaussianPolicy } from '../rl/policies/continuous-policies.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../rl/policies/discrete-policies.ts'
import type { Policy } from '../rl/policies/policy.ts'
import { isStableBaselines, type LayerNames } from '../rl/policies/sb3-layers.ts'
import { loadSb3Policy, readLayers, type Sb3PolicyOptions } from '../rl/policies/sb3-policy.ts'
import { CheckpointError, described, excerpt, ValueError } from '../tensor/errors.ts'
import { areNumbers, isCount, isRecord, parseJson } from '../tensor/json.ts'
import { denseLayers, networkOf, type OutputMeaning, type PlainLayer } from './dense-layers.ts'
import { isOnnx, readOnnx } from './onnx-reader.ts'

/** JSON under `agent` in the metadata of a file, beside the text `outputs`. */
interface AgentNotes {
  /** Number of actions, for state values. */
  readonly numActions?: number
  /** For state values: V = mean + deviation · output. */
  readonly units?: ValueFunction['units']
  /** Bounds of continuous actions. */
  readonly bounds?: { readonly low: readonly number[]; readonly high: readonly number[] }
  /** Values of the bins, if the outputs are bins. */
  readonly bins?: readonly number[]
  /** Between the layers. Default `relu`. */
  readonly activation?: 'tanh'
}

/** Agent classes of continuous actions by outputs: a Gaussian before tanh, a Gaussian in the units of the task, or actions. */
const continuousAgents = {
  gaussian: SquashedGaussianPolicy,
  clippedGaussian: GaussianPolicy,
  actions: DeterministicPolicy,
}

type ContinuousOutputs = keyof typeof continuousAgents
type Outputs = OutputMeaning | ContinuousOutputs

/**
 * Writes an agent whose network is a chain of linear layers with relu or tanh between them, as students are. `metadata` is additional text.
 * Throws a ValueError on any other agent.
 */
export function saveAgent(agent: object, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const { network, outputs, notes } = partsOf(agent)
  const isBinned = network instanceof BinReadOut
  const layers = denseLayers(isBinned ? network.network : network)
  const after = layers.map(({ activation }) => activation)
  const [between = 'relu', ...others] = new Set(after.slice(0, -1))
  if ((between !== 'relu' && between !== 'tanh') || others.length > 0 || after.at(-1) !== 'identity') {
    throw new ValueError(`saveAgent: activations ${after.join(', ')}; expected relu or tanh, and identity at the end`)
  }
  const bins = isBinned && { bins: Array.from(network.positions) }
  const about = JSON.stringify({ ...notes, ...bins, ...(between === 'tanh' && { activation: 'tanh' }) })
  return saveParameters(networkOf(layers as PlainLayer[]), { ...metadata, outputs, agent: about })
}

function partsOf(agent: object): { network: Module; outputs: Outputs; notes: AgentNotes } {
  if (agent instanceof ValueFunction) {
    const { network, numActions, units } = agent
    return { network, outputs: 'stateValues', notes: { numActions, units } }
  }
  if (agent instanceof CategoricalPolicy) return { network: agent.network, outputs: 'logits', notes: {} }
  if (agent instanceof QPolicy) return { network: agent.network, outputs: 'actionValues', notes: {} }
  for (const [outputs, Agent] of Object.entries(continuousAgents)) {
    if (!(agent instanceof Agent)) continue
    const bounds = { low: Array.from(agent.bounds.low), high: Array.from(agent.bounds.high) }
    return { network: agent.actor, outputs: outputs as ContinuousOutputs, notes: { bounds } }
  }
  throw new ValueError(`saveAgent: a ${agent.constructor.name} is not one network; save its parameters instead`)
}

export interface LoadAgentOptions extends Sb3PolicyOptions {
  /** Number of actions, for state values whose file does not have it. */
  readonly numActions?: number | undefined
}

/**
 * Reads the network of an agent from any file that alambic knows, told apart by the first bytes: one written by `saveAgent`, the
 * parameters of an actor-critic, a model of Stable-Baselines3 or a state dict of PyTorch (`loadSb3Policy`), or an ONNX model of linear
 * layers with relu or tanh (`toOnnx`, torch.onnx.export). Where a file does not tell the meaning of its outputs, one is a state value,
 * several are logits; with an `actionSpace` outputs after tanh are actions. Throws a CheckpointError or a ValueError on any other file.
 */
export function loadAgent(bytes: Uint8Array | SafetensorsFile, options: LoadAgentOptions = {}): Policy | ValueFunction {
  if (typeof bytes !== 'object') throw new ValueError(`loadAgent: ${described(bytes)}; expected readFileSync(path)`)
  if (bytes instanceof Uint8Array && isOnnx(bytes)) return onnxAgent(bytes, options)
  const file = bytes instanceof Uint8Array ? readStateDict(bytes) : bytes
  const { layerNames = actorCriticLayers(file), numActions, ...others } = options
  if (layerNames !== undefined || isStableBaselines(file) || !file.tensors.has('0.weight')) {
    return loadSb3Policy(file, { ...(layerNames && { layerNames }), ...others })
  }
  const { activation } = options
  if (activation === undefined || activation === 'relu') return plainAgent(file, numActions)
  throw new ValueError(`loadAgent: activation is ${activation}, but alambic's own files hold theirs; give layerNames`)
}

function onnxAgent(
  file: Uint8Array,
  { numActions = 1, actionSpace, ...others }: LoadAgentOptions,
): Policy | ValueFunction {
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue
    throw new ValueError(`loadAgent: ${name} is for state dicts; an ONNX file has the layers and activations`)
  }
  const { layers, output } = readOnnx(file)
  const [{ inputs }, { outputs, activation }] = [layers[0]!, layers.at(-1)!]
  if (actionSpace !== undefined) {
    if (activation !== 'tanh' || outputs !== actionSpace.low.length) {
      throw new CheckpointError(
        `loadAgent: the ONNX network ends in ${outputs} outputs after ${activation}; expected ${actionSpace.low.length} after tanh for ${actionSpace}`,
      )
    }
    const before = [...layers.slice(0, -1), { ...layers.at(-1)!, activation: 'identity' as const }]
    return new DeterministicPolicy(networkOf(before), inputs, actionSpace)
  }
  const network = networkOf(layers)
  if (output === 'actionValues') return new QPolicy(network, inputs, outputs)
  if (output === 'stateValues' || (output !== 'logits' && outputs === 1)) {
    return new ValueFunction(network, inputs, numActions)
  }
  return new CategoricalPolicy(network, inputs, outputs)
}

function plainAgent(file: SafetensorsFile, actions: number | undefined): Policy | ValueFunction {
  const { metadata, tensors } = file
  const names = Array.from({ length: Math.max(1, Math.ceil(tensors.size / 2)) }, (_, i) => `${2 * i}`)
  const { bins, units, bounds, numActions, activation = 'relu' } = notesOf(metadata.agent)
  const plain = readLayers(file, names, activation)
  const inputs = plain.sizes[0]!
  const values = plain.sizes.at(-1)! / (bins?.length ?? 1)
  if (!Number.isInteger(values)) {
    throw new CheckpointError(`loadAgent: ${plain.sizes.at(-1)} outputs are no whole number of ${bins!.length} bins`)
  }
  const network = bins === undefined ? plain : new BinReadOut(plain, Float64Array.from(bins))
  const outputs =
    metadata.outputs ?? (values === 1 ? 'stateValues' : metadata.algorithm === 'dqn' ? 'actionValues' : 'logits')
  if (outputs === 'logits') return new CategoricalPolicy(network, inputs, values)
  if (outputs === 'actionValues') return new QPolicy(network, inputs, values)
  if (outputs === 'stateValues') return new ValueFunction(network, inputs, actions ?? numActions ?? 1, units)
  const Agent = Object.hasOwn(continuousAgents, outputs) ? continuousAgents[outputs as ContinuousOutputs] : undefined
  if (Agent !== undefined && bounds !== undefined) {
    const size = bounds.low.length * (outputs === 'actions' ? 1 : 2)
    if (values !== size)
      throw new CheckpointError(`loadAgent: the network has ${values} outputs; its bounds expect ${size}`)
    return new Agent(plain, inputs, new Box(bounds.low, bounds.high))
  }
  throw new CheckpointError(
    `loadAgent: the outputs are ${excerpt(JSON.stringify(outputs))}; expected logits, actionValues or stateValues, or ` +
      `${Object.keys(continuousAgents).join(', ')} with bounds`,
  )
}

function notesOf(text = '{}'): AgentNotes {
  const notes = parseJson('loadAgent: the metadata "agent"', text)
  const { numActions = 1, units = { mean: 0, deviation: 1 }, ...given } = (notes ?? {}) as AgentNotes
  const { bounds = { low: [], high: [] }, bins = [0], activation = 'tanh' } = given
  const areUnits = isRecord(units) && areNumbers([units.mean, units.deviation])
  const areBounds = isRecord(bounds) && areNumbers(bounds.low) && areNumbers(bounds.high)
  const areOrdered =
    areBounds && bounds.low.length === bounds.high.length && bounds.low.every((x, i) => x <= bounds.high[i]!)
  const areBins = areNumbers(bins) && bins.length > 0
  if (isRecord(notes) && isCount(numActions, 1) && areUnits && areOrdered && areBins && activation === 'tanh')
    return notes
  throw new CheckpointError(`loadAgent: the metadata "agent" is ${excerpt(text)}; expected what saveAgent writes`)
}

function actorCriticLayers({ tensors }: SafetensorsFile): LayerNames | undefined {
  const layersOf = (network: string) => {
    const weight = new RegExp(`^${network}\\.\\d+\\.weight$`)
    return [...tensors.keys()].filter((name) => weight.test(name)).map((name) => name.slice(0, -'.weight'.length))
  }
  const [logits, stateValues] = [layersOf('actor'), layersOf('critic')]
  if (logits.length === 0 || stateValues.length === 0 || tensors.has('logStd')) return undefined
  return { activation: 'tanh', logits, stateValues }
}
