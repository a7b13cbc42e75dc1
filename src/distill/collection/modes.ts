// The names of the ways to gather states. Read next: pool.ts for play, ../rounds.ts for the ways that need a student.

/**
 * What is played into a pool.
 *
 * `teacherContiguous`: the first states of the teacher's play, as they come.
 * `teacherIid`: states drawn from a pool of the teacher's play.
 * `mixedEpsilon`: the same, but each episode has its own share of random actions, uniform in [0, 1): broad coverage.
 * `random`: the same from random play.
 */
export type PoolMode = 'teacherContiguous' | 'teacherIid' | 'mixedEpsilon' | 'random'

/**
 * A pool's states, or:
 *
 * `boundingBox`: states drawn uniformly from the box that a pool spans, somewhat widened. Nobody played there, so nothing is
 * known of actions and returns. For few dimensions of which each is free to vary.
 * `student`: in rounds. The first is played by the teacher, each later one by a student that was trained on all labels so
 * far, so that it is taught where it goes (DAgger: Ross, Gordon and Bagnell 2011, arXiv:1011.0686).
 * `active`: the same, but of the states that the student meets those are labelled on which a committee of small students
 * disagrees most (McCallum and Nigam 1998, "Employing EM and pool-based active learning").
 */
export type CollectionMode = PoolMode | 'boundingBox' | 'student' | 'active'

export const poolModes: readonly PoolMode[] = ['teacherContiguous', 'teacherIid', 'mixedEpsilon', 'random']

export const collectionModes: readonly CollectionMode[] = [...poolModes, 'boundingBox', 'student', 'active']
