// The file of one agent: a network as .safetensors, a network of another program, or a decision tree as .json. Read next: ../../export/agent-file.ts, and run-folder.ts for
// the folders that hold such files.

import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { Box, Discrete } from '../../data/spaces.ts'
import { type LoadAgentOptions, loadAgent } from '../../export/agent-file.ts'
import { isOnnx } from '../../export/onnx-reader.ts'
import { readStateDict } from '../../nn/files/state-dict.ts'
import { type ActivationName, activations } from '../../nn/layers/activations.ts'
import { make, registeredIds } from '../../rl/envs/tasks/make.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import type { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import type { Policy } from '../../rl/policies/policy.ts'
import type { LayerNames } from '../../rl/policies/sb3-layers.ts'
import { isRecord } from '../../tensor/json.ts'
import { fileReason, UsageError } from '../terminal/failures.ts'
import { choiceOption } from '../terminal/options.ts'

/** An agent from a file or folder. A value function acts by a look-ahead (policies.ts). */
export type AnyAgent = Policy | ValueFunction

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
 * Reads the agent of a file, and its environment if the file names one.
 *
 * @param envId environment to act in; gives the number of actions if the file does not
 *
 * Throws a UsageError, ValueError or CheckpointError on any other file.
 */
export function readAgentFile(path: string, flags: LayerFlags, envId?: string): { agent: AnyAgent; env?: string } {
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

/** The bytes of a file. Throws a UsageError. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${fileReason(error)}`)
  }
}
