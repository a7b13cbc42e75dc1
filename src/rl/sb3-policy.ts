// Policies from the state dict of an MlpPolicy of Stable-Baselines3 (Raffin et al. 2021, JMLR 22/268), or of any other chain of linear layers,
// given their names.

import { type ActivationName, activations } from '../nn/activations.ts'
import { loadParameters } from '../nn/checkpoint.ts'
import { MLP } from '../nn/mlp.ts'
import { numbersOf, readSafetensors, type SafetensorsFile, type StoredTensor } from '../nn/safetensors.ts'
import {
  CheckpointError,
  excerpt,
  formatShape,
  listed,
  nearestMatch,
  unknownName,
  ValueError,
} from '../tensor/errors.ts'
import { isRecord } from '../tensor/json.ts'
import { Rng } from '../tensor/random.ts'
import { CategoricalActorCritic } from './actor-critic.ts'
import { CategoricalPolicy, type DiscreteAgent, QPolicy } from './discrete-policies.ts'

/**
 * Names of the linear layers of each network, in the order of the forward pass, without `.weight` and `.bias`. Either `logits`, optionally
 * with `stateValues`, or `actionValues`.
 */
export interface LayerNames {
  /** Activation between the layers. Default `relu`. */
  readonly activation?: ActivationName
  readonly logits?: readonly string[]
  readonly stateValues?: readonly string[]
  readonly actionValues?: readonly string[]
}

export interface Sb3PolicyOptions {
  /** Default: the names of PPO, A2C and DQN with `MlpPolicy` in Stable-Baselines3. */
  readonly layerNames?: LayerNames
  /** Overrides the activation of `layerNames`, for a policy with `activation_fn`. */
  readonly activation?: ActivationName
}

/**
 * Reads a policy from a .safetensors file: `logits` and `stateValues` of an actor-critic, or `actionValues`. In Python,
 * `safetensors.torch.save_file(model.policy.state_dict(), "policy.safetensors")` writes one. Throws a
 * CheckpointError on tensors that are missing, of the wrong shape or of no known network, a ValueError on wrong layer names.
 */
export function loadSb3Policy(file: Uint8Array | SafetensorsFile, options: Sb3PolicyOptions = {}): DiscreteAgent {
  const read = file instanceof Uint8Array ? readSafetensors(file) : file
  const names = options.layerNames === undefined ? recognised(read) : checkedNames(options.layerNames)
  const { logits, stateValues, actionValues } = names
  const activation = options.activation ?? names.activation ?? 'relu'
  if (!Object.hasOwn(activations, activation)) {
    throw new ValueError(unknownName('activation', activation, Object.keys(activations)))
  }
  if (actionValues !== undefined) {
    const network = readLayers(read, actionValues, activation)
    return new QPolicy(network, inputs(network), outputs(network))
  }
  const actor = readLayers(read, logits!, activation)
  if (stateValues === undefined) return new CategoricalPolicy(actor, inputs(actor), outputs(actor))
  const critic = readLayers(read, stateValues, activation)
  if (outputs(critic) !== 1 || inputs(critic) !== inputs(actor)) {
    throw new CheckpointError(
      `the state values come from [${inputs(critic)}] → [${outputs(critic)}]; expected [${inputs(actor)}] → [1], as the policy observes`,
    )
  }
  return new CategoricalActorCritic(actor, critic, inputs(actor), outputs(actor))
}

/** Whether the tensors have names of Stable-Baselines3. */
export function isStableBaselines({ tensors }: SafetensorsFile): boolean {
  return [...tensors.keys()].some((name) => /^(mlp_extractor|action_net|q_net)\./.test(name))
}

/** The perceptron with linear layers of these names. Throws a CheckpointError on a tensor that is missing, of another shape, or not finite. */
export function readLayers(file: SafetensorsFile, layers: readonly string[], activation: ActivationName): MLP {
  if (layers.length > MOST_LAYERS) {
    throw new CheckpointError(`the network has ${layers.length} layers; expected at most ${MOST_LAYERS}`)
  }
  const tensors = new Map<string, StoredTensor>()
  const sizes: number[] = []
  layers.forEach((layer, i) => {
    const weight = take(file, `${layer}.weight`)
    const bias = take(file, `${layer}.bias`)
    const before = sizes.at(-1) ?? weight.shape[1]
    const [rows, columns] = weight.shape
    if (weight.shape.length !== 2 || columns !== before || rows === 0 || columns === 0) {
      throw new CheckpointError(
        `"${layer}.weight" is ${formatShape(weight.shape)}; expected [outputs, ${before ?? 'inputs'}], as the layer before it gives`,
      )
    }
    if (bias.shape.length !== 1 || bias.shape[0] !== rows) {
      throw new CheckpointError(
        `"${layer}.bias" is ${formatShape(bias.shape)}; expected [${rows}], as its weight has rows`,
      )
    }
    if (i === 0) sizes.push(columns!)
    sizes.push(rows!)
    tensors.set(`${2 * i}.weight`, weight)
    tensors.set(`${2 * i}.bias`, bias)
  })
  const network = new MLP(sizes, new Rng(), { activation })
  loadParameters(network, { metadata: {}, tensors })
  return network
}

const MOST_LAYERS = 1000

function take(file: SafetensorsFile, name: string): StoredTensor {
  const stored = file.tensors.get(name)
  if (stored === undefined) {
    const near = nearestMatch(name, [...file.tensors.keys()])
    throw new CheckpointError(
      `the file has no tensor "${excerpt(name)}"${near === undefined ? '' : `; it has "${near}"`}`,
    )
  }
  if (!numbersOf(file, name).every(Number.isFinite)) {
    throw new CheckpointError(`"${name}" has numbers that are not finite`)
  }
  return stored
}

// PPO and A2C: mlp_extractor.policy_net.{0,2,…} → action_net beside mlp_extractor.value_net.{0,2,…} → value_net.
// DQN: q_net.q_net.{0,2,…}; q_net_target is its target network's copy.
function recognised(file: SafetensorsFile): LayerNames {
  const names = [...file.tensors.keys()]
  if (names.includes('log_std')) {
    throw new CheckpointError(
      'the policy is a Gaussian over vectors (it has log_std); a teacher here chooses among actions, as PPO and DQN do in a Discrete space',
    )
  }
  const layout = names.some((name) => name.startsWith('q_net.'))
    ? { activation: 'relu' as const, actionValues: numbered(names, 'q_net.q_net') }
    : {
        activation: 'tanh' as const,
        logits: [...numbered(names, 'mlp_extractor.policy_net'), 'action_net'],
        stateValues: [...numbered(names, 'mlp_extractor.value_net'), 'value_net'],
      }
  const used = new Set(Object.values(layout).flatMap((layers) => (typeof layers === 'string' ? [] : layers)))
  const foreign = names.filter((name) => !name.startsWith('q_net_target.') && !used.has(layerOf(name)))
  if (foreign.length > 0) {
    throw new CheckpointError(
      `not a policy as Stable-Baselines3 names it for PPO, A2C or DQN with MlpPolicy: what is ${listed(foreign)}? ` +
        'Give the names of its layers as layerNames',
    )
  }
  return layout
}

// The layers `prefix.0`, `prefix.2`, … up to the highest number; those between them are activations. The list is never longer than the
// file: after a gap, one layer is missing and the rest are left over.
function numbered(names: readonly string[], prefix: string): string[] {
  const layers = new Set(names.filter((name) => name.startsWith(`${prefix}.`)).map(layerOf))
  const numbers = Array.from(layers, (layer) => Number(/^\d+/.exec(layer.slice(prefix.length + 1))?.[0] ?? -1))
  const last = numbers.reduce((a, b) => Math.max(a, b), -1)
  return Array.from({ length: Math.min(Math.ceil((last + 1) / 2), layers.size + 1) }, (_, i) => `${prefix}.${2 * i}`)
}

/** `q_net.q_net.0` of `q_net.q_net.0.weight` */
function layerOf(name: string): string {
  return name.replace(/\.\w+$/, '')
}

const layerNamesKeys = ['activation', 'logits', 'stateValues', 'actionValues']

function checkedNames(given: LayerNames): LayerNames {
  if (!isRecord(given))
    throw new ValueError(`layerNames: it is ${excerpt(given)}; expected { logits } or { actionValues }`)
  for (const [key, value] of Object.entries(given)) {
    if (!layerNamesKeys.includes(key)) throw new ValueError(`layerNames: ${unknownName('entry', key, layerNamesKeys)}`)
    const isList = Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
    if (key !== 'activation' && !isList) {
      throw new ValueError(`layerNames: ${key} is ${excerpt(value)}; expected names of layers, such as ["0", "2"]`)
    }
  }
  const { logits, stateValues, actionValues } = given
  if ((logits === undefined) === (actionValues === undefined)) {
    throw new ValueError('layerNames: expected either logits or actionValues, which a teacher chooses by')
  }
  if (actionValues !== undefined && stateValues !== undefined) {
    throw new ValueError('layerNames: stateValues go with logits; of action values, the largest is the state value')
  }
  return given
}

function inputs({ sizes }: MLP): number {
  return sizes[0]!
}

function outputs({ sizes }: MLP): number {
  return sizes.at(-1)!
}
