// Policies from the state dict of an MlpPolicy of Stable-Baselines3 (Raffin et al. 2021, JMLR 22/268), or of any other chain of linear
// layers, given their names.

import type { Box } from '../../data/spaces.ts'
import { loadParameters } from '../../nn/files/parameters.ts'
import { numbersOf, type SafetensorsFile, type StoredTensor, storedTensor } from '../../nn/files/safetensors.ts'
import { readStateDict } from '../../nn/files/state-dict.ts'
import type { ActivationName } from '../../nn/layers/activations.ts'
import { MLP } from '../../nn/layers/mlp.ts'
import { CheckpointError, excerpt, formatShape, nearestMatch } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { Rng } from '../../tensor/random.ts'
import { sameShape } from '../../tensor/shape.ts'
import { CategoricalActorCritic, GaussianActorCritic } from './actor-critic.ts'
import { type ContinuousAgent, DeterministicPolicy, SquashedGaussianPolicy } from './continuous-policies.ts'
import { CategoricalPolicy, type DiscreteAgent, QPolicy } from './discrete-policies.ts'
import { activationNoted, checkedNames, type LayerNames, type Layout, recognised } from './sb3-layers.ts'

export interface Sb3PolicyOptions {
  /** Default: the names of PPO, A2C, DQN, SAC, TD3 and DDPG with `MlpPolicy` in Stable-Baselines3. */
  readonly layerNames?: LayerNames | undefined
  /**
   * Overrides the activation of `layerNames`, for a policy with `activation_fn`. Default: that which a model's zip notes, or else tanh for
   * PPO and A2C, relu for the others.
   */
  readonly activation?: ActivationName | undefined
  /** Action space of a continuous policy, whose file does not hold its bounds. */
  readonly actionSpace?: Box | undefined
}

/** The bytes of a file, or what `readStateDict` made of them. */
type PolicyFile = Uint8Array | SafetensorsFile

/**
 * Reads a policy of Stable-Baselines3, or of any chain of linear layers, from a model's .zip, a state dict of PyTorch (.pth) or a
 * .safetensors file (`readStateDict`). With an `actionSpace` the policy is continuous: a Gaussian (PPO, A2C), a squashed Gaussian (SAC) or
 * deterministic (TD3, DDPG); without, it chooses among actions. Throws a CheckpointError on tensors that are missing, of the wrong
 * shape, of no known network, or of the other kind of actions, a ValueError on wrong layer names.
 */
export function loadSb3Policy(
  file: PolicyFile,
  options: Sb3PolicyOptions & { readonly actionSpace: Box },
): ContinuousAgent
export function loadSb3Policy(file: PolicyFile, options?: Omit<Sb3PolicyOptions, 'actionSpace'>): DiscreteAgent
export function loadSb3Policy(file: PolicyFile, options?: Sb3PolicyOptions): DiscreteAgent | ContinuousAgent
export function loadSb3Policy(file: PolicyFile, options: Sb3PolicyOptions = {}): DiscreteAgent | ContinuousAgent {
  const read = file instanceof Uint8Array ? readStateDict(file) : file
  const names = options.layerNames === undefined ? recognised(read) : checkedNames(options.layerNames)
  const { logits, stateValues, actionValues } = names
  const { actionSpace, layerNames } = options
  const noted = activationNoted(read)
  const activation = options.activation ?? layerNames?.activation ?? noted ?? names.activation ?? 'relu'
  if (logits === undefined && actionValues === undefined) return continuousPolicy(read, names, activation, actionSpace)
  if (actionSpace !== undefined) {
    throw new CheckpointError(`the policy chooses among actions; expected one of vectors, in ${actionSpace}`)
  }
  if (actionValues !== undefined) {
    const network = readLayers(read, actionValues, activation)
    return new QPolicy(network, inputs(network), outputs(network))
  }
  const actor = readLayers(read, logits!, activation)
  if (stateValues === undefined) return new CategoricalPolicy(actor, inputs(actor), outputs(actor))
  const critic = criticOf(read, stateValues, activation, actor)
  return new CategoricalActorCritic(actor, critic, inputs(actor), outputs(actor))
}

function criticOf(file: SafetensorsFile, layers: readonly string[], activation: ActivationName, actor: MLP): MLP {
  const critic = readLayers(file, layers, activation)
  if (outputs(critic) === 1 && inputs(critic) === inputs(actor)) return critic
  throw new CheckpointError(`critic: [${inputs(critic)}] → [${outputs(critic)}]; expected [${inputs(actor)}] → [1]`)
}

function continuousPolicy(
  file: SafetensorsFile,
  { mean, squashed, actions, stateValues }: Layout,
  activation: ActivationName,
  space: Box | undefined,
): ContinuousAgent {
  if (space === undefined) {
    throw new CheckpointError("the policy's actions are vectors, without bounds; give their Box as actionSpace")
  }
  const network = (layers: readonly string[], width: number, from = file) => {
    const read = readLayers(from, layers, activation)
    if (outputs(read) === width * space.low.length) return read
    throw new CheckpointError(`the policy has ${outputs(read)} outputs; ${space} needs ${width * space.low.length}`)
  }
  if (actions !== undefined) {
    const actor = network(actions, 1)
    return new DeterministicPolicy(actor, inputs(actor), space)
  }
  if (squashed !== undefined) {
    const actor = network([...squashed, 'heads'], 2, withJoinedHeads(file))
    return new SquashedGaussianPolicy(actor, inputs(actor), space)
  }
  const actor = network(mean!, 1)
  const critic = criticOf(file, stateValues!, activation, actor)
  const logStd = take(file, 'log_std')
  if (!sameShape(logStd.shape, [outputs(actor)])) {
    throw new CheckpointError(`log_std is ${formatShape(logStd.shape)}; expected [${outputs(actor)}] (no gSDE)`)
  }
  const values = tensor(Float32Array.from(numbersOf(file, 'log_std')), logStd.shape)
  return new GaussianActorCritic(actor, critic, inputs(actor), values, space)
}

// SAC's heads for μ and ln σ as one layer, `heads`.
function withJoinedHeads(file: SafetensorsFile): SafetensorsFile {
  const tensors = new Map(file.tensors)
  for (const part of ['weight', 'bias']) {
    const [mu, logStd] = [`actor.mu.${part}`, `actor.log_std.${part}`].map((name) => ({ ...take(file, name), name }))
    if (!sameShape(mu!.shape, logStd!.shape)) {
      throw new CheckpointError(`${part}s of mu and log_std: ${formatShape(mu!.shape)}, ${formatShape(logStd!.shape)}`)
    }
    const numbers = Float32Array.from([...numbersOf(file, mu!.name), ...numbersOf(file, logStd!.name)])
    const [rows = 0, ...columns] = mu!.shape
    tensors.set(`heads.${part}`, storedTensor(numbers, [2 * rows, ...columns]))
  }
  return { ...file, tensors }
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
      throw new CheckpointError(`"${layer}.weight" is ${formatShape(weight.shape)}; expected [out, ${before ?? 'in'}]`)
    }
    if (bias.shape.length !== 1 || bias.shape[0] !== rows) {
      throw new CheckpointError(`"${layer}.bias" is ${formatShape(bias.shape)}; expected [${rows}]`)
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
    throw new CheckpointError(`there is no tensor "${excerpt(name)}"${near === undefined ? '' : `; it has "${near}"`}`)
  }
  if (!numbersOf(file, name).every(Number.isFinite)) {
    throw new CheckpointError(`"${name}" has numbers that are not finite`)
  }
  return stored
}

function inputs({ sizes }: MLP): number {
  return sizes[0]!
}

function outputs({ sizes }: MLP): number {
  return sizes.at(-1)!
}
