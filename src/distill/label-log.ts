// The small set of a student without an environment: states of a log of episodes, labelled by a teacher.
// Read next: ../rl/episode-log.ts, fit.ts.

import type { EpisodeLog } from '../rl/episode-log.ts'
import { type GivenOptions, readOptions, whole } from '../rl/options.ts'
import { Rollout } from '../rl/rollout.ts'
import { ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { collectorOptions } from './collector.ts'
import { LabelledDataset } from './dataset.ts'
import { take } from './selection.ts'
import { requireSameSpaces, Teacher } from './teacher.ts'
import { isSquashed, type TeachingPolicy } from './teaching-agent.ts'

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
  const { id: envId, observationSize, actionSpace } = log
  const states = Rollout.ofStates(envId, observationSize, log.columns(0).observations, 0)
  const dataset = new LabelledDataset({ envId, observationSize, actionSpace, squashed: isSquashed(teacher) })
  const found = take(states, new Rng(seed).permutation(states.size), labels, dataset)
  if (found < labels) {
    throw new ValueError(`labelLog: labels is ${labels}, but the log has ${found} different states; give fewer labels`)
  }
  dataset.label(new Teacher(teacher, envId))
  dataset.provenance = { selection: 'random', rounds: 1, seed, teacher: envId }
  return dataset
}
