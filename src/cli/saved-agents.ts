// Agents by the path where they were left: a student's folder, the folder of a training run, or a .safetensors file, ours or of
// Stable-Baselines3. Read next: student-folder.ts, training/run-folder.ts, ../distill/foreign-teacher.ts.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Command, Option } from 'commander'
import { isStableBaselines, readForeignTeacher, type TeacherLayout } from '../distill/foreign-teacher.ts'
import type { Student } from '../distill/targets.ts'
import type { ActivationName } from '../nn/activations.ts'
import { activations } from '../nn/activations.ts'
import { readSafetensors, type SafetensorsFile } from '../nn/safetensors.ts'
import type { DiscretePolicy } from '../rl/policy.ts'
import { ids, make } from '../rl/registry.ts'
import { Discrete } from '../rl/spaces.ts'
import { fileReason, UsageError } from './failures.ts'
import { choiceOption } from './options.ts'
import { readStudent, studentFile, studentOf } from './student-folder.ts'
import { RunFolder } from './training/run-folder.ts'

export interface SavedAgent {
  readonly agent: Student
  /** Where it learned, as far as it is known. */
  readonly env?: string
}

/** How a foreign file is to be read. */
export interface ForeignFlags {
  /** Path of a JSON file with a `TeacherLayout`. */
  readonly layout?: string
  readonly activation?: ActivationName
}

/** `--layout` and `--activation` */
export function addForeignOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--layout <file>',
        'which layers of a foreign file make up which network, as JSON: {"activation": "tanh", "logits": ["0", "2"]}',
      ),
    )
    .addOption(choiceOption('--activation <name>', 'between the layers of a foreign file', Object.keys(activations)))
}

/** Throws a UsageError or a CheckpointError, in words, where nothing can be read. */
export function readSavedAgent(path: string, flags: ForeignFlags = {}): SavedAgent {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined)
    throw new UsageError(`there is no "${path}"; expected a folder of a run or a student, or a .safetensors file`)
  if (!found.isDirectory()) return readFile(path, flags)
  if (flags.layout !== undefined || flags.activation !== undefined) {
    throw new UsageError(`--layout and --activation are for .safetensors files; "${path}" is a folder`)
  }
  if (studentFile(path) !== undefined) {
    const { student, env } = readStudent(path)
    return { agent: student, env }
  }
  if (!isRun(path)) throw new UsageError(nothingIn(path))
  const run = RunFolder.open(path)
  const agent = run.readAgent()
  if (!('logits' in agent) && !('actionValues' in agent)) {
    throw new UsageError(
      `the agent of "${path}" (${run.config.algorithm}) has neither logits nor action values; expected a network that chooses among actions by them`,
    )
  }
  return { agent: agent as unknown as DiscretePolicy, env: run.config.env }
}

/** Whether this is the folder of a training run; that of a student has a configuration as well. */
export function isRun(path: string): boolean {
  return existsSync(join(path, 'config.json')) && studentFile(path) === undefined
}

function readFile(path: string, { layout, activation }: ForeignFlags): SavedAgent {
  const file = readSafetensors(readBytes(path))
  const env = file.metadata.environment
  const where = env === undefined ? {} : { env }
  if (layout === undefined && !isStableBaselines(file) && file.tensors.has('0.weight')) {
    if (activation !== undefined && activation !== 'relu') {
      throw new UsageError(`--activation: the networks of alambic's own files have relu; say --layout for others`)
    }
    return { agent: studentOf(file, ownReading(file)), ...where }
  }
  const known = layout === undefined ? ownActorCritic(file) : readLayout(layout)
  const options = {
    ...(known !== undefined && { layout: known }),
    ...(activation !== undefined && { activation }),
  }
  return { agent: readForeignTeacher(file, options), ...where }
}

// The file that a run of PPO and its kin leaves: two networks side by side.
function ownActorCritic({ tensors }: SafetensorsFile): TeacherLayout | undefined {
  const layersOf = (network: string) =>
    [...tensors.keys()]
      .filter((name) => new RegExp(`^${network}\\.\\d+\\.weight$`).test(name))
      .map((name) => name.slice(0, -7))
  const [logits, stateValues] = [layersOf('actor'), layersOf('critic')]
  if (logits.length === 0 || stateValues.length === 0 || tensors.has('logStd')) return undefined
  return { activation: 'tanh', logits, stateValues }
}

// A single output is a state value, in the units that the notes give. Of several, the notes say what they are; without them
// they are taken as the scores that it chooses by.
function ownReading({ metadata, tensors }: SafetensorsFile): Record<string, unknown> {
  const last = `${tensors.size - 2}.bias`
  if (tensors.get(last)?.shape[0] !== 1) {
    return { outputs: metadata.outputs ?? (metadata.algorithm === 'dqn' ? 'actionValues' : 'logits') }
  }
  return { outputs: 'stateValues', units: unitsOf(metadata.settings), ...actionCountOf(metadata.environment) }
}

// The mean and deviation that a state value's output is in; the plain units where the notes are of another kind.
function unitsOf(settings = '{}'): { mean: number; deviation: number } {
  try {
    const { mean, deviation } = JSON.parse(settings) as Partial<Record<string, unknown>>
    if (typeof mean === 'number' && typeof deviation === 'number') return { mean, deviation }
  } catch {}
  return { mean: 0, deviation: 1 }
}

// A network of state values does not know how many actions there are; its environment does.
function actionCountOf(id: string | undefined): { actionCount?: number } {
  if (id === undefined || !ids().includes(id)) return {}
  const { actionSpace } = make<unknown, unknown>(id)
  return actionSpace instanceof Discrete ? { actionCount: actionSpace.n } : {}
}

function readLayout(path: string): TeacherLayout {
  const text = readBytes(path).toString()
  try {
    const layout: unknown = JSON.parse(text)
    if (typeof layout === 'object' && layout !== null && !Array.isArray(layout)) return layout as TeacherLayout
  } catch {}
  throw new UsageError(
    `--layout: "${path}" holds no JSON object; expected {"activation": …, "logits": [names of layers]}`,
  )
}

function nothingIn(path: string): string {
  const below = readdirSync(path, { withFileTypes: true }).filter(
    (each) => each.isDirectory() && studentFile(join(path, each.name)) !== undefined,
  )
  const hint = below.length === 0 ? '' : ` Did you mean "${join(path, below[0]!.name)}"?`
  return `"${basename(path)}" holds neither a run (config.json) nor a student (student.safetensors).${hint}`
}

/** The bytes of a file. Throws a UsageError. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`cannot read "${path}": ${fileReason(error)}`)
  }
}
