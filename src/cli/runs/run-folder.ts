// The folder of a run, which is a training or a distillation:
//
//   config.json              the run's inputs: algorithm, environment, options
//   checkpoint.safetensors   the last saved state, to resume from
//   agent.safetensors        the network, readable by PyTorch; or tree.json, a decision tree
//
// A training adds logs (run-log.ts) and a learning curve, a distillation the labelled dataset and results.json.
// Read next: agent-files.ts, ../training/train-run.ts, ../training/distill-run.ts.

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import packageJson from '../../../package.json' with { type: 'json' }
import type { Checkpoint } from '../../data/checkpoint.ts'
import { readCheckpoint, writeCheckpoint } from '../../data/checkpoint-file.ts'
import { agentMetadata, saveAgent } from '../../export/agent-file.ts'
import { saveParameters } from '../../nn/files/parameters.ts'
import { readSafetensors } from '../../nn/files/safetensors.ts'
import type { HasParameters } from '../../nn/module.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import { algorithm } from '../../rl/registry.ts'
import type { Algorithm } from '../../rl/training/training.ts'
import { CheckpointError, listed } from '../../tensor/errors.ts'
import { isCount, isRecord, parseJson } from '../../tensor/json.ts'
import { exitCode, UsageError } from '../terminal/failures.ts'
import { namesIn, OutputFolder, readBytes } from '../terminal/output-folder.ts'
import { knownAlgorithms } from './environments.ts'
import { type LogLengths, logFiles } from './run-log.ts'

/** The inputs of a run, which determine its results. */
export interface RunConfig {
  /** An algorithm; for a distillation `distill`, `viper` or `fitTree`. */
  readonly algorithm: string
  /** '' if it is unknown, as that of a log may be. */
  readonly env: string
  /** Number of sub-environments. */
  readonly numEnvs: number
  /** Values of all options, defaults included. */
  readonly options: Readonly<Record<string, unknown>>
  /** Whether a training writes an event file for TensorBoard. Default: no. */
  readonly tensorboard?: true
  /** The version of alambic that started the run; a new run has this one. */
  readonly version?: string
  /** The day on which the run started, in UTC: `2026-11-27`; a new run has today's, or that of SOURCE_DATE_EPOCH where it is set. */
  readonly date?: string
  /** Modules that register the environment or the algorithm, relative to the run's folder. */
  readonly imports?: readonly string[]
}

export interface RunCheckpoint {
  readonly saved: Checkpoint
  /** Lengths of a training's log files. */
  readonly logs: LogLengths
  /** Environment steps so far. */
  readonly step: number
}

const CONFIG = 'config.json'
const CHECKPOINT = 'checkpoint.safetensors'
const AGENT = 'agent.safetensors'
const TREE = 'tree.json'
const RUN = 'alambic.run' // key in the metadata of the checkpoint

export const DATASET = 'dataset.safetensors'
export const RESULTS = 'results.json'
export const EVALUATION = 'evaluation.json'
export const TIMINGS = 'timings.json'
export const REPORT = 'report.html'
const studentFiles = [CONFIG, CHECKPOINT, AGENT, TREE, DATASET, RESULTS, TIMINGS, REPORT]

/** Library functions that train students. */
export const methods = ['distill', 'viper', 'fitTree'] as const

export class RunFolder<Config extends RunConfig = RunConfig> {
  private constructor(
    private readonly output: OutputFolder,
    readonly config: Config,
    /** Files of an older student, deleted at the first write of this run. */
    private readonly replaced: string[] = [],
  ) {}

  /**
   * Starts a run. Throws a UsageError unless the folder is empty, or `force` is given and it holds a distillation. The first write of
   * this run then replaces the files of that distillation; other files are kept.
   */
  static create<Config extends RunConfig>(path: string, config: Config, force = false): RunFolder<Config> {
    const replaced = replaceable(path, force)
    const run = new RunFolder(OutputFolder.open(path), config, replaced)
    if (replaced.length === 0) run.writeConfig()
    return run
  }

  /** Starts a run and does its work as the only writer of the folder. Throws as `create` does. */
  static async start<Config extends RunConfig>(
    path: string,
    config: Config,
    work: (run: RunFolder<Config>) => Promise<void>,
    force = false,
  ): Promise<void> {
    await OutputFolder.open(path).locked(() => {
      const run = RunFolder.create(path, config, force)
      return run.attempt(() => work(run))
    })
  }

  /** Opens an existing run. Throws a UsageError if there is none or its configuration is invalid. */
  static open(path: string): RunFolder {
    const config = readConfig(path)
    return new RunFolder(OutputFolder.open(path), config)
  }

  get folder(): OutputFolder {
    if (this.replaced.length > 0) {
      for (const name of this.replaced.splice(0)) rmSync(join(this.path, name))
      this.writeConfig()
    }
    return this.output
  }

  /** Runs `body` for a new run. On unusable input before the first checkpoint, the files of the run are removed. */
  async attempt<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      if (exitCode(error) === 2 && !this.hasBegun) this.discard()
      throw error
    }
  }

  /** Whether there is a checkpoint. */
  get hasBegun(): boolean {
    return this.replaced.length === 0 && existsSync(join(this.path, CHECKPOINT))
  }

  get path(): string {
    return this.output.path
  }

  get name(): string {
    return basename(resolve(this.path))
  }

  /** The algorithm of a training. Throws a ValueError if it is unknown. */
  get algorithm(): Algorithm {
    return algorithm(this.config.algorithm, knownAlgorithms())
  }

  writeCheckpoint({ saved, logs, step }: RunCheckpoint): void {
    this.folder.write(CHECKPOINT, writeCheckpoint(saved, { [RUN]: JSON.stringify({ logs, step }) }))
  }

  /** Undefined if there is no checkpoint yet. Throws a CheckpointError on an invalid file. */
  readCheckpoint(): RunCheckpoint | undefined {
    const path = join(this.path, CHECKPOINT)
    if (!this.hasBegun) return undefined
    const bytes = readBytes(path)
    const { [RUN]: notes } = readSafetensors(bytes).metadata
    if (notes === undefined) throw new CheckpointError(`"${path}" is not the checkpoint of a run`)
    const saved = readCheckpoint(bytes)
    const read = parseJson(`"${path}": ${RUN}`, notes)
    const { logs, step } = isRecord(read) ? read : {}
    if (!Array.isArray(logs) || ![...logs, step].every((each) => isCount(each))) {
      throw new CheckpointError(`"${path}" has step and logs ${notes.slice(0, 80)}; expected whole numbers from 0 on`)
    }
    return { saved, logs: logs as LogLengths, step: step as number }
  }

  writeAgent(agent: HasParameters): void {
    const { algorithm: name, env } = this.config
    this.folder.write(AGENT, saveParameters(agent, { algorithm: name, environment: env, ...agentMetadata(agent) }))
  }

  /** Removes the files of a new run, unless an older student is still in place. */
  private discard(): void {
    if (this.replaced.length > 0) return
    for (const name of [...studentFiles, ...logFiles]) rmSync(join(this.path, name), { force: true })
  }

  private writeConfig(): void {
    this.output.writeJson(CONFIG, { version, date: today(), ...withInfinities(this.config, Infinity, 'Infinity') })
  }
}

function today(): string {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? ''
  return new Date(/^\d{1,11}$/.test(seconds) ? 1000 * Number(seconds) : Date.now()).toISOString().slice(0, 10)
}

/** Writes the network or tree of a student to the subfolder `at` of `folder`; '' is the folder itself. `env` is '' if unknown. */
export function writeStudent(folder: OutputFolder, at: string, student: object, env: string): void {
  if (student instanceof DecisionTree) folder.write(join(at, TREE), `${student.toJson()}\n`)
  else folder.write(join(at, AGENT), saveAgent(student, env === '' ? {} : { environment: env }))
}

/** Throws a UsageError unless the folder is empty or was written by the calling command, whose files are `own`. */
export function requireOwn(path: string, own: readonly string[]): void {
  const names = namesIn(path)
  if (names.length === 0 || (own.every((name) => names.includes(name)) && !names.includes(CONFIG))) return
  throw new UsageError(`the folder "${path}" holds other files already: ${listed(names)}; choose another --out`)
}

/** The file of the agent in the folder of a run or a student, if there is one. */
export function agentIn(path: string): string | undefined {
  return [AGENT, TREE].map((each) => join(path, each)).find((each) => existsSync(each))
}

/** Files that a new run in the folder replaces. Throws a UsageError if it may not replace them. */
function replaceable(path: string, force: boolean): string[] {
  const names = namesIn(path)
  if (!names.includes(CONFIG)) {
    requireOwn(path, [CONFIG])
    return []
  }
  const { algorithm: name } = readConfig(path)
  const isStudent = (methods as readonly string[]).includes(name)
  if (force && isStudent) return studentFiles.filter((each) => names.includes(each))
  const instead = isStudent ? 'another folder, or replace it with --force' : 'another name or folder'
  const hint = `continue it with "alambic resume ${path}", or choose ${instead}`
  throw new UsageError(`the folder "${path}" holds a run (${name}) already; ${hint}`)
}

/** The modules that a run or a student imports. None for any other path. */
export function modulesOf(path: string): string[] {
  if (!holdsRun(path)) return []
  return (readConfig(path).imports ?? []).map((each) => join(path, each))
}

/** Whether the folder is that of a run. */
export function holdsRun(path: string): boolean {
  return existsSync(join(path, CONFIG))
}

export function readConfig(path: string): RunConfig {
  const file = join(path, CONFIG)
  if (!holdsRun(path)) throw new UsageError(`"${path}" holds no run: there is no ${CONFIG}.${hintBelow(path)}`)
  const config = parseJson(`"${file}"`, readBytes(file).toString())
  const { algorithm: name, env, numEnvs, options, imports = [] } = isRecord(config) ? config : {}
  const areImports = Array.isArray(imports) && imports.every((each) => typeof each === 'string')
  if (typeof name === 'string' && typeof env === 'string' && isCount(numEnvs, 1) && isRecord(options) && areImports) {
    return withInfinities(config as unknown as RunConfig, 'Infinity', Infinity)
  }
  throw new UsageError(`"${file}" is broken: expected JSON with algorithm, env, numEnvs and options`)
}

function hintBelow(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return ''
  const holdsAgent = (name: string) => holdsRun(join(path, name)) || agentIn(join(path, name)) !== undefined
  const below = readdirSync(path).find(holdsAgent)
  return below === undefined ? '' : ` Did you mean "${join(path, below)}"?`
}

// JSON cannot represent Infinity.
function withInfinities<Config extends RunConfig>(config: Config, from: unknown, to: unknown): Config {
  const options = Object.entries(config.options).map(([name, value]) => [name, value === from ? to : value])
  return { ...config, options: Object.fromEntries(options) }
}

export const { version, description } = packageJson
