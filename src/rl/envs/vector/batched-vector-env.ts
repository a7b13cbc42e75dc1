// Classic control, batched: one loop steps the states of all sub-environments in one array, without allocations.
// Read next: ../tasks/classic-control.ts for the batch, ../tasks/cart-pole.ts for a loop.

import { Discrete } from '../../../data/spaces.ts'
import { CheckpointError, type ValueError } from '../../../tensor/errors.ts'
import { Rng } from '../../../tensor/random.ts'
import { invalidAction } from '../env.ts'
import type { MirrorSymmetry } from '../mirror-symmetry.ts'
import { type Batch, type ClassicControl, makeBatch, type StartBounds, setState } from '../tasks/classic-control.ts'
import type { DiscretizeAction } from '../wrappers/action.ts'
import { seedOf } from './step.ts'
import {
  type AutoresetMode,
  type CopyState,
  type InnerState,
  VectorEnv,
  type VectorResetOptions,
} from './vector-env.ts'

export interface ClassicVectorOptions {
  readonly autoreset: AutoresetMode
  readonly maxEpisodeSteps: number
  /** The wrapper that turns choices into forces, where there is one. */
  readonly discretized?: DiscretizeAction<unknown>
}

export class BatchedVectorEnv extends VectorEnv {
  readonly mirror: MirrorSymmetry | undefined
  private readonly batch: Batch
  private readonly rngs: Rng[]
  private readonly choices: number // 0 for forces
  private readonly forces: Float32Array | undefined
  private startBounds: StartBounds

  constructor(
    private readonly dynamics: ClassicControl<unknown>,
    numEnvs: number,
    { autoreset, maxEpisodeSteps, discretized }: ClassicVectorOptions,
  ) {
    const { id, actionSpace, mirror } = discretized ?? dynamics
    super(id, numEnvs, dynamics.observationSpace, actionSpace, autoreset, maxEpisodeSteps)
    this.mirror = mirror
    const { observations, rewards, terminated } = this
    this.batch = {
      ...makeBatch(numEnvs, dynamics.stateSize, this.observationSize),
      observations,
      rewards,
      terminated,
    }
    this.rngs = Array.from({ length: numEnvs }, (_, i) => new Rng(i))
    this.choices = actionSpace instanceof Discrete ? actionSpace.n : 0
    this.forces = discretized && Float32Array.from(discretized.choices, (force) => force[0]!)
    this.startBounds = dynamics.startBounds({})
  }

  // An action outside its space leaves the batch's actions half overwritten; the next call overwrites all.
  protected takeActions(actions: ArrayLike<number>): void {
    if (this.choices === 0) this.takeForces(actions)
    else this.takeChoices(actions)
  }

  private takeChoices(actions: ArrayLike<number>): void {
    const taken = this.batch.actions
    const { choices, forces } = this
    for (let i = 0; i < taken.length; i++) {
      const action = actions[i]!
      if (!(action >= 0 && action < choices) || action !== Math.floor(action)) throw this.foreign(i, action)
      taken[i] = forces === undefined ? action : forces[action]!
    }
  }

  private takeForces(actions: ArrayLike<number>): void {
    const taken = this.batch.actions
    const single = !(actions instanceof Float64Array)
    for (let i = 0; i < taken.length; i++) {
      const action = actions[i]!
      if (!(action > -Infinity && action < Infinity)) throw this.foreign(i, action)
      taken[i] = single ? Math.fround(action) : action
    }
    this.batch.singleActions = single
  }

  protected advance(): void {
    this.truncated.fill(0)
    this.dynamics.advanceBatch(this.batch)
  }

  protected startAll({ seed, options = {} }: VectorResetOptions): void {
    this.startBounds = this.dynamics.startBounds(options)
    for (let i = 0; i < this.numEnvs; i++) {
      if (seed !== undefined) this.rngs[i] = new Rng(seedOf(seed, i))
      this.restart(i)
    }
  }

  protected restart(i: number): void {
    this.dynamics.startOne(this.batch, i, this.startBounds, this.rngs[i]!)
  }

  protected saveInner(i: number): InnerState {
    const state = this.batch.rows.map((row) => row[i]!)
    return { state, rng: this.rngs[i]!.state, wrappers: [] }
  }

  protected restoreCopy(i: number, { state, rng }: CopyState): void {
    if (state.length !== this.batch.rows.length || !state.every((x) => Math.abs(x) <= 1e6)) {
      throw new CheckpointError(`${this.id}: the saved state ${i} is not ${this.batch.rows.length} numbers within ±1e6`)
    }
    setState(this.batch, i, state)
    this.dynamics.observeOne(this.batch, i)
    this.rngs[i]!.state = rng
  }

  private foreign(i: number, action: number): ValueError {
    return invalidAction(`${this.id}, sub-environment ${i}`, action, this.actionSpace)
  }
}
