// Who plays, by name: `random`, or the file of a network that the demo saved.

import { readFileSync } from 'node:fs'
import { Option } from 'commander'
import { loadParameters } from '../nn/checkpoint.ts'
import { MLP } from '../nn/mlp.ts'
import { readSafetensors, type SafetensorsFile } from '../nn/safetensors.ts'
import type { AnyEnv } from '../rl/env.ts'
import { Lookahead } from '../rl/lookahead.ts'
import { ActionValueAgent, StateValueAgent } from '../rl/network-agents.ts'
import { make } from '../rl/registry.ts'
import type { Box, Discrete } from '../rl/spaces.ts'
import { nearestMatch } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { fileReason, UsageError } from './failures.ts'

/** `--policy <name>` */
export function policyOption(): Option {
  return new Option('--policy <name>', 'random, or the .safetensors file of a network').default('random')
}

/** Chooses an action for the environment as it stands. */
export type Chooser = (env: AnyEnv, observation: unknown) => unknown

/**
 * @param name `random`, or a .safetensors file of a multi-layer perceptron with rectifiers: one output an action, of which
 * the largest is taken, or one output in all, a state value, with which the environment is looked ahead by one step.
 * @param rng what the random policy draws from.
 */
export function choosePolicy(name: string, env: AnyEnv, rng: Rng): Chooser {
  if (name === 'random') return (each) => each.actionSpace.sample(rng)
  const file = readCheckpoint(name)
  const sizes = layerSizes(name, file)
  const [inputs, outputs] = [sizes[0]!, sizes.at(-1)!]
  const { observationSize, actionCount } = requireVectorEnv(name, env)
  if (inputs !== observationSize || (outputs !== actionCount && outputs !== 1)) {
    throw new UsageError(
      `--policy ${name}: the network takes ${inputs} numbers and gives ${outputs}; ${env.id} shows ${observationSize} and has ${actionCount} actions`,
    )
  }
  const network = new MLP(sizes, new Rng())
  loadParameters(network, file)
  if (outputs === 1) {
    const values = new StateValueAgent(network, inputs, actionCount, unitsOf(file))
    const planner = new Lookahead(values, make(env.id))
    return (each) => planner.plan(each)
  }
  const agent = new ActionValueAgent(network, inputs, outputs) // logits or action values: the largest counts
  return (_, observation) => agent.act(observation as Float32Array)
}

function readCheckpoint(path: string): SafetensorsFile {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const hint = nearestMatch(path, ['random']) === undefined ? '' : ' Did you mean random?'
    throw new UsageError(
      `--policy: expected random or a .safetensors file; cannot read "${path}": ${fileReason(error)}.${hint}`,
    )
  }
  return readSafetensors(bytes)
}

/** [inputs, …, outputs], from the weights `0.weight`, `2.weight`, … of [outputs, inputs] each. */
function layerSizes(name: string, { tensors }: SafetensorsFile): number[] {
  const shapes: (readonly number[])[] = []
  for (let layer = 0; tensors.has(`${layer}.weight`); layer += 2) shapes.push(tensors.get(`${layer}.weight`)!.shape)
  const chained = shapes.every((shape, i) => shape.length === 2 && (i === 0 || shape[1] === shapes[i - 1]![0]))
  if (shapes.length === 0 || shapes.length * 2 !== tensors.size || !chained) {
    throw new UsageError(`--policy ${name}: not a multi-layer perceptron; it holds ${[...tensors.keys()].join(', ')}`)
  }
  return [shapes[0]![1]!, ...shapes.map(([outputs]) => outputs!)]
}

function requireVectorEnv(name: string, env: AnyEnv): { observationSize: number; actionCount: number } {
  const { observationSpace, actionSpace } = env
  if (observationSpace.kind !== 'box' || actionSpace.kind !== 'discrete') {
    throw new UsageError(
      `--policy ${name}: a network plays vectors and choices; ${env.id} has ${observationSpace} and ${actionSpace}`,
    )
  }
  return { observationSize: (observationSpace as Box).low.length, actionCount: (actionSpace as Discrete).n }
}

/** The mean and deviation that a value network's outputs are in, from the file's notes. */
function unitsOf({ metadata }: SafetensorsFile): { mean: number; deviation: number } {
  try {
    const { mean, deviation } = JSON.parse(metadata.settings ?? '{}') as Partial<Record<string, unknown>>
    if (Number.isFinite(mean) && Number.isFinite(deviation)) {
      return { mean: mean as number, deviation: deviation as number }
    }
  } catch {} // notes of another kind: the plain units stand
  return { mean: 0, deviation: 1 }
}
