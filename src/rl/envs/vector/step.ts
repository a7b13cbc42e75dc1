// What vector environments return from `reset` and `step`, in Gymnasium's terms, and the seeds of their copies.

/** What `reset` returns. */
export interface VectorReset {
  /** The first observation of each sub-environment: [numEnvs, observationSize]. */
  readonly observations: Float32Array
  readonly infos: VectorInfos
}

export interface VectorStep extends VectorReset {
  readonly rewards: Float64Array // [numEnvs]
  /** 1 where the task ended by itself, so that no value follows: [numEnvs]. */
  readonly terminations: Uint8Array
  /** 1 where the episode was cut off, by a time limit for instance: [numEnvs]. */
  readonly truncations: Uint8Array
}

/** Gymnasium's `final_obs` and `episode` with their masks, as arrays. */
export interface VectorInfos {
  /** The observation each step led to, before any reset: [numEnvs, observationSize]. */
  readonly finalObservations: Float32Array
  /** 1 where the episode ended in this step: [numEnvs]. */
  readonly dones: Uint8Array
  /** 1 where this step only reset the sub-environment (`next-step` autoreset): [numEnvs]. */
  readonly autoresetSteps: Uint8Array
  /** Sum of rewards of the last episode that ended; 0 before the first: [numEnvs]. */
  readonly episodeReturns: Float64Array
  /** Steps of the last episode that ended; 0 before the first: [numEnvs]. */
  readonly episodeLengths: Int32Array
  /** 1 where an action is allowed next: [numEnvs, actions]. Undefined if the environment has no masks. */
  readonly actionMasks: Float32Array | undefined
}

/** The seed of sub-environment `i` in a reset with `seed`. */
export function seedOf(seed: number | readonly number[], i: number): number {
  return typeof seed === 'number' ? seed + i : seed[i]!
}
