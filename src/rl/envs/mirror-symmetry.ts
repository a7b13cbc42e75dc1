// Mirror symmetries of environments: reflections of observations and actions that the dynamics commute with (Zinkevich and Balch
// 2001, "Symmetry in Markov decision processes and its implications for single agent and multiagent learning").
// Read next: checks/behaviour.ts, which verifies one, and ../../distill/dataset/dataset-operations.ts, which augments a dataset with one.

import { Box, Discrete, type Space } from '../../data/spaces.ts'
import { describeValue } from '../../data/values.ts'

/**
 * From the mirrored state, the mirrored action leads to the mirrored successor, with the same reward and the same termination.
 * Discrete actions need `actionPermutation`, vectors `actionSigns`.
 */
export interface MirrorSymmetry {
  /** 1 or -1 for each number of an observation. */
  readonly observationSigns: readonly number[]
  /** The mirror image of each discrete action, counted from 0. */
  readonly actionPermutation?: readonly number[]
  /** 1 or -1 for each number of an action. */
  readonly actionSigns?: readonly number[]
  /** 1 or -1 for each number of `state`, for `checkEnv`. Default: `observationSigns`. */
  readonly stateSigns?: readonly number[]
}

/** The fault of a symmetry that does not fit the spaces or is not its own inverse, or `undefined`. */
export function mirrorFault(
  { observationSigns, actionPermutation, actionSigns, stateSigns = [] }: MirrorSymmetry,
  observationSize: number,
  actionSpace: Space<unknown>,
): string | undefined {
  if (observationSigns.length !== observationSize) {
    return `has ${observationSigns.length} observationSigns; expected ${observationSize}`
  }
  const other = [...observationSigns, ...(actionSigns ?? []), ...stateSigns].find((sign) => Math.abs(sign) !== 1)
  if (other !== undefined) return `has the sign ${other}; expected 1 or -1`
  if (actionSpace instanceof Discrete) {
    const { n } = actionSpace
    if (actionPermutation?.length === n && actionPermutation.every((image, a) => actionPermutation[image] === a)) return
    return `has actionPermutation ${describeValue(actionPermutation)}; expected ${n} actions, mirrored twice the same`
  }
  if (!(actionSpace instanceof Box)) return `is given, but actions are ${actionSpace}; expected a Discrete or a Box`
  const { low, high } = actionSpace
  if (actionSigns?.length !== low.length) {
    return `has actionSigns ${describeValue(actionSigns)}; expected ${low.length}`
  }
  const at = actionSigns.findIndex((sign, k) => sign === -1 && low[k] !== -high[k]!)
  if (at >= 0)
    return `changes the sign of action ${at}, whose bounds are ${low[at]} … ${high[at]}; expected equal sizes`
  return
}

/** The mirror image of a discrete action or of a vector of actions. */
export function mirroredAction(
  { actionPermutation, actionSigns }: MirrorSymmetry,
  actionSpace: Space<unknown>,
  action: unknown,
): unknown {
  if (!(actionSpace instanceof Discrete)) return (action as Float32Array).map((x, k) => x * actionSigns![k]!)
  return actionSpace.start + actionPermutation![(action as number) - actionSpace.start]!
}
