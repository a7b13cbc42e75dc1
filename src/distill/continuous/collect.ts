// Which states a teacher of torques and forces is asked about: its own, broader ones by random actions in between, or those
// that the student gets into (DAgger: Ross, Gordon and Bagnell 2011, arXiv:1011.0686). States are drawn from play without
// replacement, and each costs one label. Read next: distill-controls.ts.

import type { Envs } from '../../rl/vector/as-vector.ts'
import { unknownName, ValueError } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { roundSizes } from '../rounds.ts'
import type { ControlSet } from './control-set.ts'
import { type ControlLabels, type ControlPolicy, type ControlTeacher, requireSameControls } from './control-teacher.ts'
import { type PlayedStates, playStates, requireShare } from './play.ts'

/**
 * `teacher`: states of the teacher's play.
 * `mixedNoise`: the same, but each episode has its own share of random actions, uniform in [0, 1).
 * `student`: in rounds. The first is `mixedNoise`; each later one is played by a student of all labels so far.
 */
export type ControlMode = 'teacher' | 'mixedNoise' | 'student'

export const controlModes: readonly ControlMode[] = ['teacher', 'mixedNoise', 'student']

export interface CollectControlsOptions {
  /** Default `mixedNoise`. */
  readonly mode?: ControlMode
  /** How many states to label. */
  readonly labels: number
  readonly seed: number
  /** States played to pick from, in each round anew. Default 5000. */
  readonly poolSize?: number
  /** The share of random actions in `teacher` play and in a student's. Default 0.05. */
  readonly randomActions?: number
  /** Rounds of `student`, of equal labels. Default 5. */
  readonly rounds?: number
}

/** Trains a fresh student on the labels so far. */
export type LearnControls = (set: ControlSet, seed: number) => ControlPolicy

/**
 * Plays, picks, labels: in the end the teacher has been asked about `labels` states exactly. `learn` makes the students of
 * `student`. Throws a ValueError on options out of range, a ShapeError on a teacher of another task, before anything is played.
 */
export function collectControls(
  teacher: ControlTeacher,
  envs: Envs,
  options: CollectControlsOptions,
  learn: LearnControls,
): ControlSet {
  const { mode = 'mixedNoise', labels, seed, poolSize = 5000, randomActions = 0.05, rounds = 5 } = options
  const { agent, name } = teacher
  if (!controlModes.includes(mode)) throw new ValueError(unknownName('collection mode', mode, controlModes))
  if (!(Number.isInteger(labels) && labels >= 1)) {
    throw new ValueError(`collectControls: ${labels} labels; expected a whole number from 1`)
  }
  requireShare('randomActions', randomActions)
  const sizes = roundSizes(labels, mode === 'student' ? rounds : 1)
  if (!(Number.isInteger(poolSize) && poolSize >= Math.max(...sizes))) {
    throw new ValueError(
      `collectControls: ${Math.max(...sizes)} labels a round from ${poolSize} states of play; make poolSize larger`,
    )
  }
  requireSameControls('collectControls', agent, envs)

  const { observationSize, actionSize, bounds } = agent
  const parts: (ControlLabels & { readonly observations: Float32Array })[] = []
  let environmentSteps = 0
  const soFar = (): ControlSet => {
    const size = parts.reduce((sum, { observations }) => sum + observations.length / observationSize, 0)
    return {
      envId: envs.id,
      observationSize,
      actionSize,
      bounds,
      size,
      observations: joined(parts.map(({ observations }) => observations)),
      means: joined(parts.map(({ means }) => means)),
      ...(parts[0]!.logStds && { logStds: joined(parts.map(({ logStds }) => logStds!)) }),
      provenance: { mode, seed, teacher: name },
      labels: size,
      environmentSteps,
    }
  }
  const rng = new Rng(seed)
  sizes.forEach((size, round) => {
    const player = round === 0 ? agent : learn(soFar(), seed)
    const broad = mode !== 'teacher' && round === 0
    const exploration = () => (broad ? rng.uniform() : randomActions)
    const played = playStates(player, envs, { steps: poolSize, seed: rng.integer(2 ** 32), exploration, rng })
    environmentSteps += played.environmentSteps
    const observations = picked(played, observationSize, rng.permutation(poolSize).subarray(0, size))
    parts.push({ observations, ...teacher.label(observations, size) })
  })
  return soFar()
}

function picked({ observations }: PlayedStates, width: number, places: Int32Array): Float32Array {
  const rows = new Float32Array(places.length * width)
  places.forEach((place, i) => {
    rows.set(observations.subarray(place * width, (place + 1) * width), i * width)
  })
  return rows
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
