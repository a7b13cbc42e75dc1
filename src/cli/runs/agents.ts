// Saved agents: from the folder of a run or a student, or from a file, which is a network as .safetensors, a network of another program, or
// a decision tree as .json; and as policies of an environment, after a check of their spaces. Read next: ../../export/agent-file.ts.

import { statSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { packedSize } from '../../data/packing.ts'
import { Box, Discrete } from '../../data/spaces.ts'
import { type LoadAgentOptions, loadAgent } from '../../export/agent-file.ts'
import { isOnnx } from '../../export/onnx-reader.ts'
import { loadParameters } from '../../nn/files/parameters.ts'
import { readStateDict } from '../../nn/files/state-dict.ts'
import { type ActivationName, activations } from '../../nn/layers/activations.ts'
import type { AnyEnv, Env } from '../../rl/envs/env.ts'
import { make, registeredIds } from '../../rl/envs/tasks/make.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import { Lookahead } from '../../rl/policies/lookahead.ts'
import type { Agent, Planner, Policy } from '../../rl/policies/policy.ts'
import type { LayerNames } from '../../rl/policies/sb3-layers.ts'
import { isRecord } from '../../tensor/json.ts'
import { UsageError } from '../terminal/failures.ts'
import { choiceOption } from '../terminal/options.ts'
import { readBytes } from '../terminal/output-folder.ts'
import { knownAlgorithms, singleEnv, trainingEnvs } from './environments.ts'
import { agentIn, holdsRun, readConfig } from './run-folder.ts'

/** An agent from a file or folder. A value function acts by a look-ahead. */
export type AnyAgent = Policy | ValueFunction

export interface SavedAgent {
  readonly path: string
  readonly agent: AnyAgent
  /** Training environment, if known. */
  readonly env?: string
}

/** Layers of a network written by another program. */
export interface LayerFlags {
  readonly layerNames?: LayerNames
  /** Activation between the layers. */
  readonly activation?: ActivationName
  /** Of a continuous network, where no environment has the bounds of its actions. */
  readonly actionSpace?: Box
}

export function addLayerOptions(command: Command): Command {
  const about = "names of the layers of another program's network, as JSON: "
  const layers = new Option('--layer-names <file>', `${about}{"activation": "tanh", "logits": ["0", "2"]}`)
  return command
    .addOption(layers.argParser(readLayerNames))
    .addOption(choiceOption('--activation <name>', 'between the layers of such a network', Object.keys(activations)))
}

/**
 * Reads an agent from the folder of a run, the .safetensors file of a network (of alambic or another program) or the .json file of a
 * tree. Throws a UsageError, ValueError or CheckpointError on anything else.
 *
 * @param envId the environment to act in, if known
 */
export function readAgent(path: string, flags: LayerFlags = {}, envId?: string): SavedAgent {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    throw new UsageError(`there is no "${path}"; expected the folder of a run or the file of a network or tree`)
  }
  if (!found.isDirectory()) return { path, ...readAgentFile(path, flags, envId) }
  if (flags.layerNames !== undefined || flags.activation !== undefined) {
    throw new UsageError(`--layer-names and --activation are for files of networks; "${path}" is a folder`)
  }
  const file = agentIn(path)
  if (file !== undefined && !holdsRun(path)) return { path, ...readAgentFile(file, {}, envId) }
  const { algorithm: name, env, options } = readConfig(path)
  if (file === undefined) {
    throw new UsageError(`the run "${path}" has no agent yet; continue it with "alambic resume ${path}"`)
  }
  const run = { path, ...(env !== '' && { env }) }
  const trained = knownAlgorithms().find((each) => each.name === name)
  if (trained === undefined) return { ...run, agent: readAgentFile(file, {}, env).agent }
  const agent = trained.newAgent(trainingEnvs(env, 1, trained.observes), options)
  loadParameters(agent, readBytes(file))
  return { ...run, agent }
}

/**
 * Reads the agent of a file, and its environment if the file names one.
 *
 * @param envId environment to act in; gives the number of actions if the file does not
 *
 * Throws a UsageError, ValueError or CheckpointError on any other file.
 */
function readAgentFile(path: string, flags: LayerFlags, envId?: string): { agent: AnyAgent; env?: string } {
  const bytes = readBytes(path)
  if (/^\s*\{/.test(bytes.subarray(0, 100).toString('latin1')))
    return { agent: DecisionTree.fromJson(bytes.toString()) }
  const file = isOnnx(bytes) ? bytes : readStateDict(bytes)
  const env = file instanceof Uint8Array ? undefined : file.metadata.environment
  const { layerNames, activation, actionSpace } = flags // the flags of a command hold others too
  const agent = loadAgent(file, { layerNames, activation, actionSpace, ...leftOpen(envId ?? env) })
  return env === undefined ? { agent } : { agent, env }
}

/** What a file may leave open: the number of actions, or their bounds. */
function leftOpen(envId: string | undefined): LoadAgentOptions {
  if (envId === undefined || !registeredIds().includes(envId)) return {}
  const { actionSpace } = make<unknown, unknown>(envId)
  if (actionSpace instanceof Box) return { actionSpace }
  return actionSpace instanceof Discrete ? { numActions: actionSpace.n } : {}
}

function readLayerNames(path: string): LayerNames {
  const text = readBytes(path).toString()
  try {
    const names: unknown = JSON.parse(text)
    if (isRecord(names)) return names
  } catch {}
  throw new UsageError(`--layer-names: "${path}" holds no JSON object; expected {"activation": …, "logits": […]}`)
}

/**
 * An agent as a policy; a value function looks one step ahead. Throws a UsageError if the observation or action spaces differ from
 * those of the environment.
 */
export function policyOf(
  { agent, path, env: learned }: SavedAgent,
  env: AnyEnv,
): Agent<Float32Array, unknown> | Planner {
  const { observationSpace, actionSpace } = env
  const [inputs, actions] = [`${agent.observationSize} numbers`, actionsOf(agent)]
  const shown = observationSpace instanceof Box ? `${packedSize(observationSpace)} numbers` : String(observationSpace)
  if (inputs !== shown || actions !== String(actionSpace)) {
    const from = learned === undefined ? '' : ` learned ${learned};`
    throw new UsageError(
      `"${path}"${from} takes ${inputs} and gives ${actions}; ${env.id} shows ${shown} and takes ${actionSpace}`,
    )
  }
  return agent instanceof ValueFunction ? new Lookahead(agent, singleEnv(env.id) as Env) : agent
}

/** The action space of an agent, as text. */
export function actionsOf(agent: AnyAgent): string {
  return String('actionSpace' in agent ? agent.actionSpace : spaceOf(agent))
}

export function spaceOf(agent: AnyAgent): Discrete | Box {
  const { numActions, bounds } = agent as { numActions?: number; bounds?: Pick<Box, 'low' | 'high'> }
  return bounds === undefined ? new Discrete(numActions ?? 1) : new Box(bounds.low, bounds.high)
}
