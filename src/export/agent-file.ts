// Agents as .safetensors files, readable by PyTorch: the parameters of the network, with the kind of its outputs in the metadata. Also reads
// networks of other programs. Read next: ../rl/policies/sb3-policy.ts, onnx-reader.ts.

import { Box } from '../data/spaces.ts'
import { loadParameters, saveParameters } from '../nn/files/parameters.ts'
import { numbersOf, type SafetensorsFile } from '../nn/files/safetensors.ts'
import { readStateDict } from '../nn/files/state-dict.ts'
import type { MLP } from '../nn/layers/mlp.ts'
import { build, checkedSpec, countSpec, type NetworkSpec, shapeAfter, specOf } from '../nn/layers/spec.ts'
import { BinReadOut } from '../nn/layers/value-bins.ts'
import { collectParameters, copyParameters, type HasParameters, type Module } from '../nn/module.ts'
import { CategoricalActorCritic, GaussianActorCritic } from '../rl/policies/actor-critic.ts'
import { DeterministicPolicy, GaussianPolicy, SquashedGaussianPolicy } from '../rl/policies/continuous-policies.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../rl/policies/discrete-policies.ts'
import type { Policy } from '../rl/policies/policy.ts'
import { isStableBaselines, type LayerNames } from '../rl/policies/sb3-layers.ts'
import { loadSb3Policy, readLayers, type Sb3PolicyOptions } from '../rl/policies/sb3-policy.ts'
import { CheckpointError, described, excerpt, ValueError } from '../tensor/errors.ts'
import { areNumbers, isCount, isRecord, parseJson } from '../tensor/json.ts'
import { tensor } from '../tensor/ops/create.ts'
import { Rng } from '../tensor/random.ts'
import { sizeOf } from '../tensor/shape.ts'
import { networkOf, type OutputMeaning } from './dense-layers.ts'
import { isOnnx, readOnnx } from './onnx-reader.ts'

/** JSON under `agent` in the metadata of a file, beside the text `outputs`. */
interface AgentNotes {
  /** Number of actions, for state values. */
  readonly numActions?: number
  /** For state values: V = mean + deviation · output. */
  readonly units?: ValueFunction['units']
  /** Bounds of continuous actions. */
  readonly bounds?: { readonly low: readonly number[]; readonly high: readonly number[] }
  /** Of a file of version 0.1 without a description: values of the bins, if the outputs are bins. */
  readonly bins?: readonly number[]
  /** Of such a file: between the layers. Default `relu`. */
  readonly activation?: 'tanh'
}

/** Agent classes of continuous actions by outputs: a Gaussian before tanh, a Gaussian in the units of the task, or actions. */
const continuousAgents = {
  gaussian: SquashedGaussianPolicy,
  clippedGaussian: GaussianPolicy,
  actions: DeterministicPolicy,
}

type ContinuousOutputs = keyof typeof continuousAgents
/** `mean`: of a Gaussian whose deviations are parameters, beside its critic. */
type Outputs = OutputMeaning | ContinuousOutputs | 'mean'

/**
 * Writes an agent of one network, with its description. `metadata` is additional text. Throws a ValueError on any other agent, and on
 * a module without a description (`specOf`).
 */
export function saveAgent(agent: object, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const { network, outputs, notes } = partsOf(agent)
  if (outputs === 'mean') throw notOneNetwork(agent)
  const spec = specOf(network, (agent as Policy).observationSize)
  const named = build(spec, new Rng()) // the names of nested chains are those of one
  copyParameters(network, named)
  return saveParameters(named, { ...metadata, outputs, agent: JSON.stringify(notes), ...specMetadata({ '': spec }) })
}

/**
 * Metadata for the parameters of an agent under their own names, `actor.0.weight`, …, from which `loadAgent` builds it again. Without an
 * entry where a module has no description.
 */
export function agentMetadata(agent: Partial<Policy> & HasParameters): Readonly<Record<string, string>> {
  const { network, actor, critic } = agent as unknown as Partial<Record<string, Module>>
  try {
    const { outputs, notes } = partsOf(agent)
    const modules = { ...(actor ? { actor } : { '': network! }), ...(critic && { critic }) }
    const specs = mapValues(modules, (module) => specOf(module, agent.observationSize!))
    return { outputs, agent: JSON.stringify(notes), ...specMetadata(specs) }
  } catch (error) {
    if (error instanceof ValueError) return {}
    throw error
  }
}

const specMetadata = (specs: Readonly<Record<string, NetworkSpec>>) => ({ networks: JSON.stringify(specs) })

function mapValues<From, To>(from: Readonly<Record<string, From>>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value)]))
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
    const isMean = agent instanceof GaussianActorCritic // its deviations are parameters
    return { network: agent.actor, outputs: isMean ? 'mean' : (outputs as ContinuousOutputs), notes: { bounds } }
  }
  throw notOneNetwork(agent)
}

const notOneNetwork = (agent: object) =>
  new ValueError(`saveAgent: a ${agent.constructor.name} is not one network; save its parameters instead`)

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
  const isDescribed = file.metadata.networks !== undefined
  const { layerNames = isDescribed ? undefined : actorCriticLayers(file), numActions, ...others } = options
  const isOwn = isDescribed || (!isStableBaselines(file) && file.tensors.has('0.weight'))
  if (layerNames !== undefined || !isOwn) {
    return loadSb3Policy(file, { ...(layerNames && { layerNames }), ...others })
  }
  const { activation } = options
  if (activation === undefined || activation === 'relu') return ownAgent(file, numActions)
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

/** The agent of a file whose networks are described, or of one of the first version: a chain named `0`, `2`, …. */
function ownAgent(file: SafetensorsFile, actions: number | undefined): Policy | ValueFunction {
  const { metadata, tensors } = file
  const { bins, units, bounds, numActions, activation = 'relu' } = notesOf(metadata.agent)
  const names = Array.from({ length: Math.max(1, Math.ceil(tensors.size / 2)) }, (_, i) => `${2 * i}`)
  const networks: Partial<Record<string, Described>> =
    metadata.networks === undefined
      ? { actor: chainOf(readLayers(file, names, activation), bins) }
      : describedNetworks(file, metadata.networks)
  const acting = networks[''] ?? networks.actor
  if (acting === undefined) throw new CheckpointError('loadAgent: none of the networks is the one that acts')
  const { network, spec } = acting
  const critic = networks.critic?.network
  const { input, layers } = spec
  const inputs = sizeOf(input)
  const values = sizeOf(shapeAfter(layers, input))
  const outputs =
    metadata.outputs ?? (values === 1 ? 'stateValues' : metadata.algorithm === 'dqn' ? 'actionValues' : 'logits')
  if (outputs === 'logits' && critic) return new CategoricalActorCritic(network, critic, inputs, values)
  if (outputs === 'logits') return new CategoricalPolicy(network, inputs, values)
  if (outputs === 'actionValues') return new QPolicy(network, inputs, values)
  if (outputs === 'stateValues') return new ValueFunction(network, inputs, actions ?? numActions ?? 1, units)
  if (bounds !== undefined && (outputs === 'mean' || Object.hasOwn(continuousAgents, outputs))) {
    const size = bounds.low.length * (outputs.endsWith('aussian') ? 2 : 1)
    if (values !== size)
      throw new CheckpointError(`loadAgent: the network has ${values} outputs; its bounds expect ${size}`)
    const box = new Box(bounds.low, bounds.high)
    if (outputs !== 'mean') return new continuousAgents[outputs as ContinuousOutputs](network, inputs, box)
    if (critic && file.tensors.has('logStd')) {
      return new GaussianActorCritic(network, critic, inputs, tensor(numbersOf(file, 'logStd')), box)
    }
  }
  throw new CheckpointError(
    `loadAgent: the outputs are ${excerpt(JSON.stringify(outputs))}; expected logits, actionValues or stateValues, or ` +
      `${Object.keys(continuousAgents).join(', ')} with bounds`,
  )
}

interface Described {
  readonly network: Module
  readonly spec: NetworkSpec
}

function chainOf(chain: MLP, bins: readonly number[] | undefined): Described {
  const [inputs, outputs] = [chain.sizes[0]!, chain.sizes.at(-1)!]
  if (bins !== undefined && outputs % bins.length !== 0) {
    throw new CheckpointError(`loadAgent: ${outputs} outputs are no whole number of ${bins.length} bins`)
  }
  const network = bins === undefined ? chain : new BinReadOut(chain, Float64Array.from(bins))
  return { network, spec: specOf(network, inputs) }
}

/** The networks by the prefix of their parameters, '' without one. */
function describedNetworks(file: SafetensorsFile, text: string): Partial<Record<string, Described>> {
  const given = parseJson('loadAgent: the metadata "networks"', text)
  const specs = mapValues(isRecord(given) ? given : {}, checkedSpec)
  const own = [...file.tensors.keys()].filter((name) => name !== 'logStd')
  const stored = own.reduce((sum, name) => sum + sizeOf(file.tensors.get(name)!.shape), 0)
  const described = Object.values(specs).reduce((sum, spec) => sum + countSpec(spec), 0)
  // Before they are made: a short description can be of a network that fills the memory.
  if (stored !== described) {
    throw new CheckpointError(`loadAgent: the networks have ${described} parameters; the file has ${stored}`)
  }
  const networks = mapValues(specs, (spec) => ({ network: build(spec, new Rng()), spec }))
  const { '': whole, ...parts } = mapValues(networks, ({ network }) => network)
  const tensors = new Map(own.map((name) => [name, file.tensors.get(name)!]))
  const broken = own.find((name) => !numbersOf(file, name).every(Number.isFinite))
  if (broken !== undefined) throw new CheckpointError(`loadAgent: "${excerpt(broken)}" has numbers that are not finite`)
  loadParameters({ ...whole?.parameters(), ...collectParameters(parts) }, { metadata: {}, tensors })
  return networks
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
