// Small datasets of given states, labelled by a teacher: chosen ones, or some of a log of episodes. Read next: dataset.ts.

import type { EpisodeLog } from '../rl/episode-log.ts'
import { type GivenOptions, readOptions, whole } from '../rl/options.ts'
import { Rollout } from '../rl/rollout.ts'
import type { EnvLike } from '../rl/vector/as-vector.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { collectorOptions } from './collector-options.ts'
import { type LabelKind, LabelledDataset } from './dataset.ts'
import { namesOf, withColumns } from './dataset-operations.ts'
import { take } from './selection.ts'
import { requireSameSpaces, specOf, Teacher, type TeacherSource, teacherOf } from './teacher.ts'
import type { TeachingPolicy } from './teaching-agent.ts'

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
  const kept =
    before && namesOf(before).filter((name) => name === 'observations' || source.kinds.includes(name as LabelKind))
  const dataset = kept
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

const labelLogOptions = { labels: collectorOptions.labels, seed: whole(0, 'seed of the choice of states') }

/**
 * Labels `labels` (default 100) different states of a log, drawn at random. Unlike play of a teacher, a log has states that a good policy
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
