// What a distillation learns from: teachers, a labelled dataset, or a dataset that the teachers label; and where its student can play.
// Read next: distill-run.ts.

import { existsSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { Box, Discrete } from '../../data/spaces.ts'
import { type DatasetColumns, LabelledDataset } from '../../distill/dataset/dataset.ts'
import { datasetFromCsv, datasetFromJson, loadDataset } from '../../distill/dataset/dataset-files.ts'
import { ensembleOf } from '../../distill/teachers/teacher-sources.ts'
import { labelsBy } from '../../distill/teachers/teaching-agent.ts'
import { registeredIds } from '../../rl/envs/tasks/make.ts'
import type { TeachingPolicy } from '../../rl/policies/policy.ts'
import { type LayerFlags, readAgent, type SavedAgent, spaceOf } from '../runs/agents.ts'
import { singleEnv } from '../runs/environments.ts'
import { DATASET, methods, type RunConfig, type RunFolder } from '../runs/run-folder.ts'
import { UsageError } from '../terminal/failures.ts'
import { readBytes } from '../terminal/output-folder.ts'

/** The library function to call. */
export type Method = (typeof methods)[number]

export interface DistillConfig extends RunConfig {
  readonly algorithm: Method
  readonly target?: string
  /** Paths relative to the run's folder. */
  readonly teachers: readonly string[]
  /** Path of the given dataset; the folder has a copy. */
  readonly dataset: string | null
  /** Layer names and activation of the teachers' files. */
  readonly layers: LayerFlags
  /** Episodes per evaluation of students and teachers. */
  readonly episodes: number
  /** Whether there is an environment to play. Default true. */
  readonly plays?: boolean
  /** Action space of a dataset without an environment, as `--action-space` takes it. */
  readonly space?: string
}

/** Whether a run is a distillation. Throws a UsageError if its configuration has no sources. */
export function isDistillation(run: RunFolder): run is RunFolder<DistillConfig> {
  const { algorithm, teachers, dataset, layers, episodes } = run.config as DistillConfig
  if (!methods.includes(algorithm)) return false
  if (Array.isArray(teachers) && dataset !== undefined && layers !== undefined && episodes >= 1) return true
  throw new UsageError(`the configuration of "${run.path}" lacks teachers, dataset, layers or episodes`)
}

export interface Sources {
  readonly teachers: readonly SavedAgent[]
  readonly dataset: LabelledDataset | undefined
  /** The environment, or the name of a dataset without one. */
  readonly env: string
  /** Whether there is an environment to play. */
  readonly plays: boolean
}

/** The sources by their paths, and the environment if it is named. */
type GivenSources = Pick<DistillConfig, 'teachers' | 'layers' | 'dataset'> & {
  readonly env?: string | undefined
  readonly space?: string | undefined
}

export function sourcesOf({ path, config }: RunFolder<DistillConfig>): Sources {
  const { env, plays = true } = config
  const teachers = config.teachers.map((each) => join(path, each))
  const copy = existsSync(join(path, DATASET)) ? DATASET : config.dataset
  const dataset = config.dataset === null ? null : join(path, copy!)
  return { ...readSources({ ...config, teachers, dataset, env: plays ? env : undefined }), env, plays }
}

/**
 * Reads the sources. A table of an environment that is not named is a dataset of its own, whose student cannot play. Teachers label a
 * dataset that has no labels. Throws a UsageError if there is nothing to learn from.
 */
export function readSources({ teachers: paths, layers, dataset: path, env, space }: GivenSources): Sources {
  const bounds = space === undefined ? undefined : parseSpace(space)
  const flags = { ...layers, ...(bounds instanceof Box && { actionSpace: bounds }) }
  const teachers = paths.map((each) => readAgent(each, flags, env))
  const known = env ?? teachers.find((each) => each.env !== undefined)?.env
  if (path === null) {
    if (teachers.length === 0) {
      throw new UsageError('distill: no source of labels; give --teacher <run> or --dataset <file>')
    }
    if (known === undefined) throw new UsageError('distill: no environment; give --env, such as --env CartPole-v1')
    return { teachers, dataset: undefined, env: known, plays: true }
  }
  const isTable = extname(path) === '.csv'
  const actionSpace = bounds ?? (known === undefined && teachers[0] ? spaceOf(teachers[0].agent) : undefined)
  const read = readDataset(path, known, actionSpace)
  const name = env ?? read.envId
  const isRegistered = space === undefined && registeredIds().includes(name)
  const plays = env !== undefined || (isTable ? known !== undefined : isRegistered)
  if (plays && space !== undefined) throw new UsageError(`--action-space: ${name} has one; leave it out`)
  const isLabelled = teachers.length === 0 || read.isLabelled
  return { teachers, dataset: isLabelled ? read : labelledBy(teachers, read), env: name, plays }
}

/** Reads a dataset from a .safetensors, .json or .csv file. */
function readDataset(path: string, envId: string | undefined, space: Discrete | Box | undefined): LabelledDataset {
  const kind = extname(path)
  if (kind === '.safetensors') return loadDataset(readBytes(path))
  if (kind === '.json') return datasetFromJson(readBytes(path).toString())
  if (kind !== '.csv') throw new UsageError(`--dataset: expected a .safetensors, .json or .csv file, given "${path}"`)
  const known = envId === undefined ? space : singleEnv(envId).actionSpace
  const actionSpace = known instanceof Discrete || known instanceof Box ? known : undefined
  const name = envId ?? basename(path, kind)
  return datasetFromCsv(readBytes(path).toString(), { envId: name, teacher: basename(path), actionSpace })
}

/** `4` for actions from 0 to 3, `-2:2` for the bounds of one number, `-1:1,0:5` for those of two. */
function parseSpace(text: string): Discrete | Box {
  if (/^\d+$/.test(text) && Number(text) >= 1) return new Discrete(Number(text))
  const bounds = text
    .split(',')
    .map((each) => each.split(':').map((bound) => (bound.trim() === '' ? Number.NaN : Number(bound))))
  if (bounds.every((each) => each.length === 2 && each[0]! < each[1]!)) {
    return new Box(
      bounds.map(([low]) => low!),
      bounds.map(([, high]) => high!),
    )
  }
  throw new UsageError(
    `--action-space: "${text}"; expected a number of actions, such as 4, or bounds, such as -2:2 or -1:1,0:5`,
  )
}

/** Several teachers are the ensemble of them. */
export function asOne(teachers: readonly SavedAgent[]): TeachingPolicy {
  const agents = teachers.map(({ agent }) => agent as TeachingPolicy)
  return agents.length === 1 ? agents[0]! : ensembleOf(agents)
}

function labelledBy(teachers: readonly SavedAgent[], dataset: LabelledDataset): LabelledDataset {
  const agent = asOne(teachers)
  const { size, observationSize: given } = dataset
  if (agent.observationSize !== given) {
    throw new UsageError(
      `--dataset: the observations have ${given} numbers; the teacher takes ${agent.observationSize}`,
    )
  }
  const columns = Object.fromEntries(dataset.names.map((name) => [name, dataset.column(name)]))
  const labels = labelsBy(agent, dataset.column('observations'), size)
  const spec = { ...dataset.spec, squashed: agent.squashed === true }
  const provenance = { ...dataset.provenance, teacher: teachers.map(({ path }) => basename(path)).join(' + ') }
  return LabelledDataset.of(spec, { ...columns, ...labels } as DatasetColumns, { provenance })
}
