// Which layers make up a policy: by the names that Stable-Baselines3 gives them, or by those that a caller gives.

import type { SafetensorsFile } from '../../nn/files/safetensors.ts'
import { SB3_DATA } from '../../nn/files/state-dict.ts'
import { type ActivationName, activations } from '../../nn/layers/activations.ts'
import { CheckpointError, excerpt, listed, unknownName, ValueError } from '../../tensor/errors.ts'
import { isRecord, parseJson } from '../../tensor/json.ts'

/**
 * Names of the linear layers of each network, in the order of the forward pass, without `.weight` and `.bias`. One of `logits`, optionally
 * with `stateValues`, `actionValues` and `actions`.
 */
export interface LayerNames {
  /** Activation between the layers. Default `relu`. */
  readonly activation?: ActivationName
  readonly logits?: readonly string[]
  readonly stateValues?: readonly string[]
  readonly actionValues?: readonly string[]
  /** A deterministic policy: outputs before tanh, which scales to the bounds of the actions. */
  readonly actions?: readonly string[]
}

/** The layers of a network, and of what kind the policy is. `mean` is a Gaussian in action units, `squashed` one before tanh. */
export interface Layout extends LayerNames {
  readonly mean?: readonly string[]
  readonly squashed?: readonly string[]
}

/** Whether the tensors have names of Stable-Baselines3. */
export function isStableBaselines({ tensors }: SafetensorsFile): boolean {
  return [...tensors.keys()].some((name) => /^(mlp_extractor|action_net|q_net|actor\.(latent_pi|mu))\./.test(name))
}

/**
 * The activation that a model's zip notes; data_to_json of Stable-Baselines3 writes classes as text. Throws a CheckpointError on one that
 * is unknown, and on action spaces other than Discrete and Box.
 */
export function activationNoted({ metadata }: SafetensorsFile): ActivationName | undefined {
  const data = parseJson('the data of the model', metadata[SB3_DATA] ?? '{}')
  const { action_space: space, policy_kwargs: options } = isRecord(data) ? data : {}
  const nameIn = (text: unknown) => /(\w+)'>$/.exec(String(text))?.[1] ?? ''
  const kind = nameIn(isRecord(space) ? space[':type:'] : '')
  if (!['', 'Discrete', 'Box'].includes(kind)) {
    throw new CheckpointError(`the actions of the model are ${excerpt(kind)}; expected Discrete or Box`)
  }
  const chosen = isRecord(options) ? options.activation_fn : undefined
  if (chosen === undefined) return undefined
  const activation = (Object.keys(activations) as ActivationName[]).find(
    (each) => each.toLowerCase() === nameIn(chosen).toLowerCase(),
  )
  if (activation !== undefined) return activation
  throw new CheckpointError(`unknown activation ${excerpt(chosen)}; known are ${Object.keys(activations).join(', ')}`)
}

/**
 * The layers of a policy, by the names that Stable-Baselines3 gives them. Target networks, and the critics of the last three, are left out.
 *
 * - PPO, A2C: mlp_extractor.policy_net.{0,2,…} → action_net, mlp_extractor.value_net.{0,2,…} → value_net, and log_std
 * - DQN: q_net.q_net.{0,2,…}
 * - SAC: actor.latent_pi.{0,2,…} → actor.mu and actor.log_std
 * - TD3, DDPG: actor.mu.{0,2,…}
 *
 * Throws a CheckpointError on names of no such policy.
 */
export function recognised(file: SafetensorsFile): Layout {
  const names = [...file.tensors.keys()]
  const layout = layoutOf(names)
  const used = new Set(Object.values(layout).flatMap((layers) => (typeof layers === 'string' ? [] : layers)))
  if (layout.mean) used.add('log_std')
  if (layout.squashed) for (const head of ['actor.mu', 'actor.log_std']) used.add(head)
  const foreign = names.filter(
    (name) => !/^(q_net_target|actor_target|critic|critic_target)\./.test(name) && !used.has(layerOf(name)),
  )
  if (foreign.length > 0) {
    throw new CheckpointError(
      `not a policy as Stable-Baselines3 names it for PPO, A2C, DQN, SAC, TD3 or DDPG with MlpPolicy: what is ${listed(foreign)}? ` +
        'Give the names of its layers as layerNames',
    )
  }
  return layout
}

function layoutOf(names: readonly string[]): Layout {
  const has = (prefix: string) => names.some((name) => name.startsWith(prefix))
  if (has('q_net.')) return { actionValues: numbered(names, 'q_net.q_net') }
  if (has('actor.latent_pi.')) return { squashed: numbered(names, 'actor.latent_pi') }
  if (has('actor.mu.')) return { actions: numbered(names, 'actor.mu') }
  const policy = [...numbered(names, 'mlp_extractor.policy_net'), 'action_net']
  const stateValues = [...numbered(names, 'mlp_extractor.value_net'), 'value_net']
  return { activation: 'tanh', ...(names.includes('log_std') ? { mean: policy } : { logits: policy }), stateValues }
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

const layerNamesKeys = ['activation', 'logits', 'stateValues', 'actionValues', 'actions']

/** The given names. Throws a ValueError unless they are those of one policy. */
export function checkedNames(given: LayerNames): LayerNames {
  if (!isRecord(given))
    throw new ValueError(`layerNames: it is ${excerpt(given)}; expected { logits }, { actionValues } or { actions }`)
  for (const [key, value] of Object.entries(given)) {
    if (!layerNamesKeys.includes(key)) throw new ValueError(`layerNames: ${unknownName('entry', key, layerNamesKeys)}`)
    const isList = Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
    if (key !== 'activation' && !isList) {
      throw new ValueError(`layerNames: ${key} is ${excerpt(value)}; expected names of layers, such as ["0", "2"]`)
    }
  }
  const { logits, stateValues, actionValues, actions } = given
  if ([logits, actionValues, actions].filter((layers) => layers !== undefined).length !== 1) {
    throw new ValueError('layerNames: expected one of logits, actionValues and actions, which a teacher acts by')
  }
  if (logits === undefined && stateValues !== undefined) {
    throw new ValueError('layerNames: stateValues go with logits; of action values, the largest is the state value')
  }
  return given
}
