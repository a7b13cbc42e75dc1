// The folder of a distilled student:
//
//   student.safetensors   its network, readable by PyTorch; or tree.json, a decision tree
//   config.json           what it is and where it came from
//
// Read next: saved-agents.ts for everything else that can be read back as an agent.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readLayers } from '../distill/foreign-teacher.ts'
import { BinReadOut } from '../distill/targets/bins.ts'
import type { Student } from '../distill/targets.ts'
import { DecisionTree } from '../distill/tree-agent.ts'
import type { OutputMeaning } from '../export/dense-layers.ts'
import { saveParameters } from '../nn/checkpoint.ts'
import type { Module } from '../nn/module.ts'
import { readSafetensors, type SafetensorsFile } from '../nn/safetensors.ts'
import { ActionValueAgent, PolicyAgent, StateValueAgent } from '../rl/discrete-policies.ts'
import { CheckpointError } from '../tensor/errors.ts'
import { fileReason, UsageError } from './failures.ts'
import type { OutputFolder } from './output-folder.ts'

/** What is told about a student beside its numbers. */
export interface StudentNotes extends Readonly<Record<string, unknown>> {
  readonly env: string
}

interface Reading {
  readonly outputs: OutputMeaning
  readonly observationSize: number
  readonly actionCount: number
  /** Of state values: mean + deviation · output. */
  readonly units?: { readonly mean: number; readonly deviation: number }
  /** The values that a network's bins stand for, where it has bins. */
  readonly bins?: readonly number[]
}

const NETWORK = 'student.safetensors'
const TREE = 'tree.json'
const CONFIG = 'config.json'

/** The file in which a folder keeps a student, or undefined. */
export function studentFile(path: string): string | undefined {
  return [NETWORK, TREE].map((name) => join(path, name)).find((file) => existsSync(file))
}

/** Writes the student into `at`, a folder in `folder` or '' for itself. The configuration last: it stands for all. */
export function writeStudent(folder: OutputFolder, at: string, student: Student, notes: StudentNotes): void {
  if (student instanceof DecisionTree) {
    const { leaves, depth } = student
    folder.write(join(at, TREE), `${student.toJson()}\n`)
    folder.writeJson(join(at, CONFIG), { ...notes, leaves, depth })
    return
  }
  const { network, reading } = readingOf(student)
  const about = { environment: notes.env, outputs: reading.outputs }
  folder.write(join(at, NETWORK), saveParameters(network, about))
  folder.writeJson(join(at, CONFIG), { ...notes, ...reading })
}

/** Reads a student back. Throws a UsageError or a CheckpointError on files that are missing or broken. */
export function readStudent(path: string): { student: Student; env: string } {
  const config = readConfig(join(path, CONFIG))
  const env = typeof config.env === 'string' ? config.env : ''
  if (existsSync(join(path, TREE))) return { student: DecisionTree.fromJson(read(join(path, TREE)).toString()), env }
  return { student: studentOf(readSafetensors(read(join(path, NETWORK))), config), env }
}

/** What the outputs of a student's network are. */
export function outputsOf(student: Student): OutputMeaning {
  if (student instanceof StateValueAgent) return 'stateValues'
  return student.logits === undefined ? 'actionValues' : 'logits'
}

function readingOf(student: Student): { network: Module; reading: Reading } {
  if (!(student instanceof PolicyAgent || student instanceof ActionValueAgent || student instanceof StateValueAgent)) {
    throw new UsageError(`a student of the kind ${student.constructor.name} cannot be kept in a folder`)
  }
  const { network, observationSize, actionCount } = student
  const units = student instanceof StateValueAgent ? { units: student.units } : {}
  const bins = network instanceof BinReadOut ? { bins: Array.from(network.positions) } : {}
  return { network, reading: { outputs: outputsOf(student), observationSize, actionCount, ...units, ...bins } }
}

/** The agent of a network whose layers are called 0, 2, 4, …, with rectifiers between them. */
export function studentOf(file: SafetensorsFile, reading: Readonly<Record<string, unknown>>): Student {
  const { outputs, observationSize, actionCount, units, bins } = reading as Partial<Reading>
  const layers = Math.max(1, Math.ceil(file.tensors.size / 2))
  const plain = readLayers(
    file,
    Array.from({ length: layers }, (_, i) => `${2 * i}`),
    'relu',
  )
  const inputs = observationSize ?? plain.sizes[0]!
  const actions = actionCount ?? plain.sizes.at(-1)!
  const network = Array.isArray(bins) ? new BinReadOut(plain, Float64Array.from(bins)) : plain
  if (outputs === 'logits') return new PolicyAgent(network, inputs, actions)
  if (outputs === 'actionValues') return new ActionValueAgent(network, inputs, actions)
  if (outputs === 'stateValues') return new StateValueAgent(network, inputs, actions, units)
  throw new CheckpointError(
    `the student's outputs are ${JSON.stringify(outputs)}; expected logits, actionValues or stateValues`,
  )
}

function readConfig(path: string): Readonly<Record<string, unknown>> {
  const text = read(path).toString()
  try {
    const config: unknown = JSON.parse(text)
    if (typeof config === 'object' && config !== null) return config as Record<string, unknown>
  } catch {}
  throw new UsageError(`"${path}" is broken: expected a JSON object`)
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${fileReason(error)}`)
  }
}
