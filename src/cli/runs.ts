// The folder of a run, of training and of distillation alike:
//
//   config.json              what the run is a function of: algorithm, environment, options
//   checkpoint.safetensors   the run as it was last saved, to resume from
//   agent.safetensors        its network, readable by PyTorch; or tree.json, a decision tree
//
// and of training its logs (training/run-log.ts) and learning curve, of distillation the labelled dataset and results.json.
// Read next: agent-files.ts for agents in single files, training/train-run.ts and distill-run.ts for what happens in a run.

import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { saveAgent } from '../export/agent-file.ts'
import { loadParameters, saveParameters } from '../nn/checkpoint.ts'
import type { HasParameters } from '../nn/module.ts'
import { readSafetensors } from '../nn/safetensors.ts'
import { type Algorithm, algorithm } from '../rl/algorithms/registry.ts'
import type { Checkpoint } from '../rl/checkpoint.ts'
import { readCheckpoint, writeCheckpoint } from '../rl/checkpoint-file.ts'
import { DecisionTree } from '../rl/decision-tree.ts'
import { CheckpointError } from '../tensor/errors.ts'
import { type AnyAgent, type LayerFlags, readAgentFile, readBytes } from './agent-files.ts'
import { exitCode, UsageError } from './failures.ts'
import { knownAlgorithms } from './known-algorithms.ts'
import { OutputFolder } from './output-folder.ts'
import { trainingEnvs } from './training/environments.ts'
import { type LogLengths, logFiles } from './training/run-log.ts'
import { version } from './version.ts'

/** What a run is a function of. */
export interface RunConfig {
  /** Of training; of distillation the function of the library: `distill`, `viper` or `fitTree`. */
  readonly algorithm: string
  readonly env: string
  /** Copies of the environment. */
  readonly numEnvs: number
  /** All of them, with the value that they have in the run. */
  readonly options: Readonly<Record<string, unknown>>
}

export interface RunCheckpoint {
  readonly saved: Checkpoint
  /** Of training. */
  readonly logs: LogLengths
  /** Environment steps so far. */
  readonly step: number
}

const CONFIG = 'config.json'
const CHECKPOINT = 'checkpoint.safetensors'
const AGENT = 'agent.safetensors'
const TREE = 'tree.json'
const RUN = 'alambic.run' // in the checkpoint's metadata

/** Of a distillation. */
export const DATASET = 'dataset.safetensors'
export const RESULTS = 'results.json'
const runFiles = [CONFIG, CHECKPOINT, AGENT, TREE, DATASET, RESULTS]

export class RunFolder<Config extends RunConfig = RunConfig> {
  private constructor(
    readonly folder: OutputFolder,
    readonly config: Config,
    /** Files of the run that this one replaces. */
    private readonly replaced: ReadonlyMap<string, Buffer> = new Map(),
  ) {}

  /**
   * Starts a run. Throws a UsageError if its folder holds files of a run already, unless `force` is given and that run is a
   * distillation. All other files stay as they are.
   */
  static create<Config extends RunConfig>(path: string, config: Config, force = false): RunFolder<Config> {
    const taken = runFiles.filter((name) => existsSync(join(path, name)))
    if (taken.length > 0) requireReplaceable(path, taken, force)
    const folder = OutputFolder.open(path)
    const replaced = new Map(taken.map((name) => [name, readBytes(join(path, name))]))
    for (const name of taken) rmSync(join(path, name))
    folder.writeJson(CONFIG, { version, ...withInfinities(config, Infinity, 'Infinity') })
    return new RunFolder(folder, config, replaced)
  }

  /** Opens a run that was started before. Throws a UsageError if there is none or its configuration is broken. */
  static open(path: string): RunFolder {
    const config = readConfig(path)
    return new RunFolder(OutputFolder.open(path), config)
  }

  /** `body`, for a run that was just created. If it finds its input unusable before the first checkpoint, the folder is as before. */
  async attempt<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      if (exitCode(error) === 2 && !this.hasBegun) this.discard()
      throw error
    }
  }

  /** Whether there is a checkpoint to resume from. */
  get hasBegun(): boolean {
    return existsSync(join(this.path, CHECKPOINT))
  }

  get path(): string {
    return this.folder.path
  }

  get name(): string {
    return basename(resolve(this.path))
  }

  /** Of training. Throws a ValueError if the algorithm is unknown. */
  get algorithm(): Algorithm {
    return algorithm(this.config.algorithm, knownAlgorithms)
  }

  writeCheckpoint({ saved, logs, step }: RunCheckpoint): void {
    this.folder.write(CHECKPOINT, writeCheckpoint(saved, { [RUN]: JSON.stringify({ logs, step }) }))
  }

  /** Undefined if the run was stopped before the first one. Throws a CheckpointError on a broken file. */
  readCheckpoint(): RunCheckpoint | undefined {
    const path = join(this.path, CHECKPOINT)
    if (!this.hasBegun) return undefined
    const bytes = readBytes(path)
    const { [RUN]: notes } = readSafetensors(bytes).metadata
    if (notes === undefined) throw new CheckpointError(`"${path}" is not the checkpoint of a run`)
    return { saved: readCheckpoint(bytes), ...(JSON.parse(notes) as Pick<RunCheckpoint, 'logs' | 'step'>) }
  }

  /** Writes the agent of a training. */
  writeAgent(agent: HasParameters): void {
    const { algorithm: name, env } = this.config
    this.folder.write(AGENT, saveParameters(agent, { algorithm: name, environment: env }))
  }

  /** The agent as it was last written. Throws a UsageError if the run was stopped before that. */
  readAgent(): AnyAgent {
    const { algorithm: name, env, options } = this.config
    const file = agentIn(this.path)
    if (file === undefined) {
      throw new UsageError(`the run "${this.path}" has no agent yet; continue it with "alambic resume ${this.path}"`)
    }
    if (!isTraining(name)) return readAgentFile(file, {}, env).agent
    const agent = this.algorithm.newAgent(trainingEnvs(env, 1, this.algorithm.observes), options)
    loadParameters(agent, readBytes(file))
    return agent
  }

  /** Removes what `create` made and brings back what it replaced. Other files stay, and the folder with them. */
  private discard(): void {
    const own = isTraining(this.config.algorithm) ? [CONFIG, ...logFiles] : runFiles
    for (const name of own) rmSync(join(this.path, name), { force: true })
    for (const [name, bytes] of this.replaced) this.folder.write(name, bytes)
    if (readdirSync(this.path).length === 0) rmdirSync(this.path)
  }
}

/** Writes a student's network or tree into `at`, a folder in `folder` or '' for itself. */
export function writeStudent(folder: OutputFolder, at: string, student: object, env: string): void {
  if (student instanceof DecisionTree) folder.write(join(at, TREE), `${student.toJson()}\n`)
  else folder.write(join(at, AGENT), saveAgent(student, { environment: env }))
}

/** An agent by its path. */
export interface SavedAgent {
  readonly path: string
  readonly agent: AnyAgent
  /** Where it learned, if known. */
  readonly env?: string
}

/**
 * Reads an agent from the folder of a run, the .safetensors file of a network, alambic's own or of another program, or the .json file
 * of a tree. Throws a UsageError, ValueError or CheckpointError if there is none.
 *
 * @param envId where it will act, if that is known
 */
export function readAgent(path: string, flags: LayerFlags = {}, envId?: string): SavedAgent {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    throw new UsageError(`there is no "${path}"; expected the folder of a run or the file of a network or tree`)
  }
  if (!found.isDirectory()) return { path, ...readAgentFile(path, flags, envId) }
  if (flags.layerNames !== undefined || flags.activation !== undefined) {
    throw new UsageError(`--layer-names and --activation are for .safetensors files; "${path}" is a folder`)
  }
  const file = agentIn(path)
  if (file !== undefined && !existsSync(join(path, CONFIG))) return { path, ...readAgentFile(file, {}, envId) }
  const run = RunFolder.open(path)
  return { path, agent: run.readAgent(), env: run.config.env }
}

/** Throws a UsageError if there is a run in the folder, whose results other commands must not replace. */
export function requireNoRun(path: string): void {
  if (existsSync(join(path, CONFIG))) throw new UsageError(`the folder "${path}" holds a run; choose another --out`)
}

function isTraining(name: string): boolean {
  return knownAlgorithms.some((each) => each.name === name)
}

/** The file of the agent in a folder. */
function agentIn(path: string): string | undefined {
  return [AGENT, TREE].map((each) => join(path, each)).find((each) => existsSync(each))
}

function requireReplaceable(path: string, taken: readonly string[], force: boolean): void {
  const run = taken.includes(CONFIG) ? readConfig(path) : undefined
  const isTrained = run !== undefined && isTraining(run.algorithm)
  if (force && !isTrained) return
  const what = run === undefined ? taken.join(', ') : `a run (${run.algorithm})`
  const hint = run === undefined ? '' : `continue it with "alambic resume ${path}", or `
  const instead = isTrained ? 'another name or folder' : 'another folder, or replace it with --force'
  throw new UsageError(`the folder "${path}" holds ${what} already; ${hint}choose ${instead}`)
}

function readConfig(path: string): RunConfig {
  const file = join(path, CONFIG)
  if (!existsSync(file)) throw new UsageError(`"${path}" holds no run: there is no ${CONFIG}.${hintBelow(path)}`)
  try {
    const config = JSON.parse(readBytes(file).toString()) as RunConfig
    const { algorithm: name, env, numEnvs, options } = config
    if (typeof name === 'string' && typeof env === 'string' && Number.isInteger(numEnvs) && options) {
      return withInfinities(config, 'Infinity', Infinity)
    }
  } catch {}
  throw new UsageError(`"${file}" is broken: expected JSON with algorithm, env, numEnvs and options`)
}

function hintBelow(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return ''
  const holdsAgent = (name: string) => existsSync(join(path, name, CONFIG)) || agentIn(join(path, name)) !== undefined
  const below = readdirSync(path).find(holdsAgent)
  return below === undefined ? '' : ` Did you mean "${join(path, below)}"?`
}

// JSON has no Infinity.
function withInfinities<Config extends RunConfig>(config: Config, from: unknown, to: unknown): Config {
  const options = Object.entries(config.options).map(([name, value]) => [name, value === from ? to : value])
  return { ...config, options: Object.fromEntries(options) }
}
