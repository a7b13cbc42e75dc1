// A teacher: a policy or value function that labels states: those that a collector selects, given ones, some of a log of episodes. It is
// frozen (evaluated without recording, so no gradient reaches it), and the states that it labels are counted.
// Read next: teacher-sources.ts for what can be one.

import { count, type GivenOptions, readOptions, whole } from '../../data/options.ts'
import { packedSize } from '../../data/packing.ts'
import { Box, Discrete } from '../../data/spaces.ts'
import { type EnvLike, toVectorEnv } from '../../rl/envs/vector/sync-vector-env.ts'
import type { EpisodeLog, LoggedTask } from '../../rl/offline/episode-log.ts'
import type { Player, TeachingPolicy } from '../../rl/policies/policy.ts'
import { Rollout } from '../../rl/recorded-play.ts'
import { described, ShapeError, ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { take } from '../collecting/selection.ts'
import { type LabelKind, LabelledDataset, type Labels, labelKinds, type TaskSpec } from '../dataset/dataset.ts'
import { withColumns } from '../dataset/dataset-operations.ts'
import { jacobiansBy } from './jacobians.ts'
import { ensembleOf, functionTeacher, type TeacherFunction } from './teacher-sources.ts'
import { kindsOfGaussian, labelsBy } from './teaching-agent.ts'

/** What teaches: an agent, several agents as one, or a function of one observation. */
export type TeacherSource = TeachingPolicy | readonly TeachingPolicy[] | TeacherFunction

/** A teaching agent with a name and a count of the states that it has labelled. */
export class Teacher {
  /** States labelled so far. */
  labels = 0
  /** Whether it also gives the derivatives of its outputs. */
  jacobians = false

  /** @param limit most states that it may label. Default: no limit. */
  constructor(
    readonly agent: TeachingPolicy,
    readonly name: string,
    readonly limit = Infinity,
  ) {}

  /** Kinds of labels that it gives. A teacher with action values also gives state values, V = max Q. */
  get kinds(): readonly LabelKind[] {
    const { agent } = this
    const gaussian = kindsOfGaussian(agent)
    return labelKinds.filter((kind) => {
      if (kind === 'mean' || kind === 'logStd') return gaussian.includes(kind)
      return agent[kind] !== undefined || (kind === 'stateValues' && agent.actionValues !== undefined)
    })
  }

  /** Labels of all kinds for `count` states. Throws a ShapeError on other sizes, a ValueError beyond the limit. */
  label(observations: Float32Array, count: number): Labels {
    const { name, labels, limit } = this
    const { observationSize } = this.agent
    if (observations.length !== count * observationSize) {
      throw new ShapeError(
        `label: ${observations.length} numbers for ${count} states; teacher "${name}" takes ${observationSize} per state`,
      )
    }
    if (labels + count > limit) {
      throw new ValueError(`label: ${count} more states after ${labels}; teacher "${name}" may label ${limit} in all`)
    }
    this.labels += count
    const given = labelsBy(this.agent, observations, count)
    return this.jacobians ? { ...given, jacobians: jacobiansBy(this.agent, observations, count) } : given
  }

  /** Greedy play. Throws a ValueError if the agent cannot choose actions. */
  player(): Player {
    const { agent, name, kinds } = this
    if (agent.actBatch !== undefined && kinds.some((kind) => kind !== 'stateValues')) return agent as Player
    throw new ValueError(
      `collect: teacher "${name}" gives ${kinds.join(', ') || 'nothing'}, so it cannot choose actions; play at random ` +
        "(exploration 'fixed', epsilon 1, rounds 1) or give a rollout",
    )
  }
}

/** Throws a ValueError or ShapeError on a source that cannot teach in this environment. */
export function teacherOf(source: TeacherSource | Teacher, envs: EnvLike, limit = Infinity): Teacher {
  const teacher = source instanceof Teacher ? source : new Teacher(agentOf(source, envs), envs.id, limit)
  requireSameSpaces('distill', teacher.agent, envs)
  return teacher
}

function agentOf(source: TeacherSource, envs: EnvLike): TeachingPolicy {
  if (Array.isArray(source)) return ensembleOf(source)
  if (typeof source !== 'function') return source as TeachingPolicy
  const vector = toVectorEnv(envs)
  vector.reset({ seed: 0 })
  const example = vector.observations.slice(0, vector.observationSize)
  return functionTeacher(source, envs.actionSpace, example)
}

/** Throws a ShapeError that gives both sides unless the agent observes and acts as the environment does. */
export function requireSameSpaces(op: string, agent: TeachingPolicy, task: LoggedTask): void {
  const { id, actionSpace, observationSpace } = task
  const size = packedSize(observationSpace)
  if (!agent.observationSize) throw new ValueError(`${op}: the teacher is ${described(agent)}; expected a policy`)
  if (!(observationSpace instanceof Box) || size !== agent.observationSize) {
    throw new ShapeError(`${op}: the teacher observes ${agent.observationSize} numbers; ${id} has ${observationSpace}`)
  }
  if (!(actionSpace instanceof Discrete || actionSpace instanceof Box)) {
    throw new ShapeError(`${op}: ${id} has ${actionSpace}; expected Discrete or Box actions, which can be labelled`)
  }
  if (actionSpace instanceof Discrete && actionSpace.n === agent.numActions) return
  if (actionSpace instanceof Box && isWithin(agent.bounds, actionSpace)) return
  const acts =
    agent.bounds === undefined
      ? `chooses among ${agent.numActions} actions`
      : `gives actions in ${new Box(agent.bounds.low, agent.bounds.high)}`
  throw new ShapeError(`${op}: the teacher ${acts}; ${id} has ${actionSpace}`)
}

function isWithin(bounds: TeachingPolicy['bounds'], { low, high }: Box): boolean {
  if (bounds?.low.length !== low.length) return false
  return low.every((each, i) => each === bounds.low[i] && high[i] === bounds.high[i])
}

/** The task of an environment whose states this agent labels. */
export function specOf({ id, observationSpace, actionSpace }: LoggedTask, agent: TeachingPolicy): TaskSpec {
  return {
    envId: id,
    observationSize: packedSize(observationSpace),
    actionSpace: actionSpace as Discrete | Box,
    squashed: agent.squashed === true,
  }
}

/**
 * A dataset of chosen states, [states, observationSize], labelled by the teacher. With `before` they follow its states, of which none is
 * labelled again, and its cost is added to; its actions and returns are left out, as chosen states have none. A state is labelled
 * once, however often it occurs. Throws a ShapeError or ValueError on states, a teacher or a dataset that do not suit the environment.
 */
export function labelStates(
  env: EnvLike,
  teacher: TeacherSource,
  states: Float32Array,
  before?: LabelledDataset,
): LabelledDataset {
  const source = teacherOf(teacher, env)
  before?.requireTask('labelStates', env)
  const kept = before?.names.filter((name) => name === 'observations' || source.kinds.includes(name as LabelKind))
  const dataset = before
    ? withColumns(before, (name) => before.column(name), kept)
    : new LabelledDataset(specOf(env, source.agent))
  const width = dataset.observationSize
  if (states.length % width !== 0) {
    throw new ShapeError(`labelStates: ${states.length} numbers are no whole states of ${width}`)
  }
  for (let at = 0; at < states.length; at += width) {
    const observation = states.subarray(at, at + width)
    if (!dataset.contains(observation)) dataset.add({ observation })
  }
  dataset.label(source)
  dataset.requireUsable('labelStates')
  return dataset
}

const labelLogOptions = {
  labels: count(200, 'states that the teacher labels'),
  seed: whole(0, 'seed of the choice of states'),
}

/**
 * Labels `labels` (default 200) different states of a log, drawn at random. Unlike play of a teacher, a log has states that a good policy
 * never meets, so states that lie far apart teach less. Throws a ShapeError on a teacher of other spaces, a ValueError if the log has fewer
 * different states.
 */
export function labelLog(
  log: EpisodeLog,
  teacher: TeachingPolicy,
  options: GivenOptions<typeof labelLogOptions> = {},
): LabelledDataset {
  const { labels, seed } = readOptions('labelLog', labelLogOptions, options)
  requireSameSpaces('labelLog', teacher, log)
  const states = Rollout.ofStates(log.id, log.observationSize, log.columns(0).observations, 0)
  const dataset = new LabelledDataset(specOf(log, teacher))
  const found = take(states, new Rng(seed).permutation(states.size), labels, dataset)
  if (found < labels) {
    throw new ValueError(`labelLog: labels is ${labels}, but the log has ${found} different states; give fewer labels`)
  }
  dataset.label(new Teacher(teacher, log.id))
  dataset.provenance = { selection: 'random', rounds: 1, seed, teacher: log.id }
  return dataset
}
