// The folder of one training run, `runs/<name>/`:
//
//   config.json              what was asked for: algorithm, environment, options
//   metrics.jsonl, .csv      a line a report          episodes.csv   a line an episode
//   checkpoint.safetensors   the training as of some report, to go on from
//   agent.safetensors        the agent as of then, readable by PyTorch
//   learning-curve.html      when it is done
//
// Read next: train-run.ts.

import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { loadParameters, saveParameters } from '../../nn/checkpoint.ts'
import type { HasParameters } from '../../nn/module.ts'
import { readSafetensors } from '../../nn/safetensors.ts'
import { type Algorithm, algorithm, type TrainedAgent } from '../../rl/algorithms/registry.ts'
import type { SavedTraining } from '../../rl/saved-training.ts'
import { readTraining, writeTraining } from '../../rl/saved-training-file.ts'
import { CheckpointError } from '../../tensor/errors.ts'
import { FileError, fileReason, UsageError } from '../failures.ts'
import { knownAlgorithms } from '../known-algorithms.ts'
import { OutputFolder } from '../output-folder.ts'
import { trainingEnvs } from './environments.ts'
import { type LogLengths, logFiles } from './run-log.ts'

/** What a run is a function of. */
export interface RunConfig {
  readonly algorithm: string
  readonly env: string
  readonly numEnvs: number
  /** Those that differ from the defaults, and those that do not: all of them. */
  readonly options: Readonly<Record<string, unknown>>
}

export interface Checkpoint {
  readonly saved: SavedTraining
  readonly logs: LogLengths
  /** Environment steps so far. */
  readonly step: number
}

const CONFIG = 'config.json'
const CHECKPOINT = 'checkpoint.safetensors'
const AGENT = 'agent.safetensors'
const RUN = 'alambic.run' // in the checkpoint's metadata

export class RunFolder {
  private constructor(
    private readonly folder: OutputFolder,
    readonly config: RunConfig,
  ) {}

  /** Starts a run. Throws a `UsageError` if there is one of that name. */
  static create(path: string, config: RunConfig): RunFolder {
    if (existsSync(join(path, CONFIG))) {
      throw new UsageError(
        `the run "${path}" exists already; go on with it by "alambic resume ${path}", or choose another --name`,
      )
    }
    const folder = OutputFolder.open(path)
    folder.writeJson(CONFIG, withWords(config))
    return new RunFolder(folder, config)
  }

  /** Opens a run that was started before. Throws a `UsageError` if there is none, or its configuration is broken. */
  static open(path: string): RunFolder {
    const config = readConfig(path)
    return new RunFolder(OutputFolder.open(path), config)
  }

  /** Takes back what `create` made, for a run that cannot even begin. Files of others stay, and the folder with them. */
  discard(): void {
    for (const name of [CONFIG, ...logFiles]) rmSync(join(this.path, name), { force: true })
    if (readdirSync(this.path).length === 0) rmdirSync(this.path)
  }

  /** There is a checkpoint to go on from. */
  get hasBegun(): boolean {
    return existsSync(join(this.path, CHECKPOINT))
  }

  get path(): string {
    return this.folder.path
  }

  get name(): string {
    return basename(resolve(this.path))
  }

  get algorithm(): Algorithm {
    return algorithm(this.config.algorithm, knownAlgorithms)
  }

  write(name: string, text: string): string {
    return this.folder.write(name, text)
  }

  /** The checkpoint first: an agent that is older than it does no harm. */
  writeCheckpoint({ saved, logs, step }: Checkpoint, agent: HasParameters): void {
    this.folder.write(CHECKPOINT, writeTraining(saved, { [RUN]: JSON.stringify({ logs, step }) }))
    this.writeAgent(agent)
  }

  writeAgent(agent: HasParameters): string {
    const { algorithm, env } = this.config
    return this.folder.write(AGENT, saveParameters(agent, { algorithm, environment: env }))
  }

  /** Undefined where the run was stopped before the first one. Throws a `CheckpointError` on a broken file. */
  readCheckpoint(): Checkpoint | undefined {
    const path = join(this.path, CHECKPOINT)
    if (!this.hasBegun) return undefined
    const bytes = readBytes(path)
    const { [RUN]: notes } = readSafetensors(bytes).metadata
    if (notes === undefined) throw new CheckpointError(`"${path}" is not the checkpoint of a run`)
    return { saved: readTraining(bytes), ...readNotes(path, notes) }
  }

  /** The agent as it was last written. Throws a `UsageError` if the run was stopped before that. */
  readAgent(): TrainedAgent {
    const path = join(this.path, AGENT)
    if (!existsSync(path)) {
      throw new UsageError(`the run "${this.path}" has no agent yet; let it go on with "alambic resume ${this.path}"`)
    }
    const { env, options } = this.config
    const agent = this.algorithm.newAgent(trainingEnvs(env, 1, this.algorithm.observes), options)
    loadParameters(agent, readBytes(path))
    return agent
  }
}

function readConfig(path: string): RunConfig {
  const file = join(path, CONFIG)
  if (!existsSync(file)) {
    throw new UsageError(`no run in "${path}": there is no ${CONFIG}. Start one with "alambic train"`)
  }
  try {
    const config = JSON.parse(readBytes(file).toString()) as RunConfig
    const { algorithm, env, numEnvs, options } = config
    if (typeof algorithm !== 'string' || typeof env !== 'string' || !Number.isInteger(numEnvs)) {
      throw new Error('it has no algorithm, env or numEnvs')
    }
    return { algorithm, env, numEnvs, options: fromWords(options) }
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new UsageError(`"${file}" is broken: ${(error as Error).message}`)
  }
}

function readNotes(path: string, notes: string): Pick<Checkpoint, 'logs' | 'step'> {
  try {
    const { logs, step } = JSON.parse(notes) as Pick<Checkpoint, 'logs' | 'step'>
    if (Array.isArray(logs) && logs.every(Number.isSafeInteger) && Number.isSafeInteger(step)) return { logs, step }
  } catch {}
  throw new CheckpointError(`the checkpoint "${path}" is broken: its metadata "${RUN}" is ${notes}`)
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new FileError(`cannot read "${path}": ${fileReason(error)}`)
  }
}

// JSON has no word for an option that stands at Infinity.
function withWords(config: RunConfig): unknown {
  const options = Object.entries(config.options).map(([name, value]) => [name, value === Infinity ? 'Infinity' : value])
  return { ...config, options: Object.fromEntries(options) }
}

function fromWords(options: RunConfig['options']): RunConfig['options'] {
  const entries = Object.entries(options).map(([name, value]) => [name, value === 'Infinity' ? Infinity : value])
  return Object.fromEntries(entries)
}
