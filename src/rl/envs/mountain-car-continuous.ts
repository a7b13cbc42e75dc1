/**
 * MountainCarContinuous: the car in the valley with a motor of any strength in [-1, 1], where strength costs.
 *
 * ## Actions
 *
 * | index | action | unit | low | high |
 * | --- | --- | --- | --- | --- |
 * | 0 | force of the motor, positive to the right; clipped to the bounds, but paid for as given | 1 | -1 | 1 |
 *
 * ## Observations
 *
 * | index | observation | unit | low | high |
 * | --- | --- | --- | --- | --- |
 * | 0 | position of the car; the valley's bottom is at -π/6 | track units | -1.2 | 0.6 |
 * | 1 | velocity of the car | track units a step | -0.07 | 0.07 |
 *
 * ## Reward
 *
 * | when | reward |
 * | --- | --- |
 * | every step | -0.1 times the square of the action |
 * | the step that reaches the goal | 100 on top |
 *
 * ## Start
 *
 * | what | value |
 * | --- | --- |
 * | position | uniform in [-0.6, -0.4]; `reset` options `low` and `high` |
 * | velocity | 0 |
 *
 * ## End
 *
 * | flag | when |
 * | --- | --- |
 * | terminated | position >= 0.45 and velocity >= `goalVelocity` (0 by default) |
 * | truncated | after 999 steps |
 *
 * ## Source
 *
 * | what | where |
 * | --- | --- |
 * | task | Moore 1990, "Efficient memory-based learning for robot control", PhD thesis, University of Cambridge |
 * | reference | Gymnasium 1.4.0, `MountainCarContinuous-v0`, with its roundings to single precision under NumPy 2 |
 *
 * @module
 */

import { sinCosEach } from '../../tensor/portable-math.ts'
import type { Step } from '../env.ts'
import { between, type GivenOptions, readOptions } from '../options.ts'
import { Box } from '../spaces.ts'
import {
  type Batch,
  ClassicControl,
  intervalOptions,
  readInterval,
  type StartBounds,
  startWithin,
} from './classic-control.ts'

const mountainCarContinuousOptions = {
  goalVelocity: between(0, -0.07, 0.07, 'least velocity at the goal'),
}

const resetOptions = intervalOptions(-0.6, -0.4, -1.2, 0.6)

export class MountainCarContinuous extends ClassicControl<Float32Array> {
  readonly observationSpace = new Box([-1.2, -0.07], [0.6, 0.07])
  readonly actionSpace = new Box([-1], [1])
  private readonly goalVelocity: number

  constructor(options: GivenOptions<typeof mountainCarContinuousOptions> = {}, id = 'MountainCarContinuous-v0') {
    super(id, 2, 2)
    this.goalVelocity = readOptions(id, mountainCarContinuousOptions, options).goalVelocity
  }

  startBounds(options: Readonly<Record<string, unknown>>): StartBounds {
    const [low, high] = readInterval(this.id, resetOptions, options)
    return startWithin([low, 0], [high, 0])
  }

  /** One force, in an array of length 1. Any finite force is taken. */
  step(action: Float32Array | Float64Array): Step<Float32Array> {
    this.takeForce(action)
    return this.stepOne()
  }

  /**
   * A number here is either a double or in single precision, as in Gymnasium, where the state is rounded after every step
   * and the sums of the next one are made in the precision of their parts. So the precision of a number follows from
   * where it came from: a start state is double, a force that was clipped is double, a limit is double.
   */
  advance({ count, states, actions, singleActions, observations, rewards, terminated, angles, trig }: Batch): void {
    const { goalVelocity } = this
    const power = 0.0015
    const gravity = 0.0025
    const goalPosition = 0.45
    const minPosition = -1.2
    const maxPosition = 0.6
    const maxSpeed = 0.07
    for (let i = 0; i < count; i++) {
      angles[i] = inPrecision(3 * states[i]!, isSingle(states[i]!) && isSingle(states[count + i]!))
    }
    sinCosEach(angles, trig)
    for (let i = 0; i < count; i++) {
      let position = states[i]!
      let velocity = states[count + i]!
      const action = actions[i]!
      // Every state after a step fits single precision; of the start states that are drawn, one in a billion does.
      const singleState = isSingle(position) && isSingle(velocity)
      const clippedForce = action > 1 || action < -1
      const slope = gravity * trig[2 * i + 1]!

      const increment = clippedForce
        ? (action > 0 ? power : -power) - slope
        : singleActions
          ? Math.fround(Math.fround(action * Math.fround(power)) - Math.fround(slope))
          : action * power - slope
      let single = singleState && (clippedForce || singleActions)
      velocity = inPrecision(velocity + inPrecision(increment, single), single)
      const singleVelocity = single
      const clippedVelocity = Math.abs(velocity) > inPrecision(maxSpeed, single)
      if (clippedVelocity) velocity = velocity > 0 ? maxSpeed : -maxSpeed

      single = singleState && (single || clippedVelocity)
      position = inPrecision(position + inPrecision(velocity, single), single)
      if (position > inPrecision(maxPosition, single)) position = maxPosition
      else if (position <= inPrecision(minPosition, single)) {
        position = minPosition
        if (velocity < 0) velocity = 0
      }

      const arrived =
        position >= inPrecision(goalPosition, single) &&
        velocity >= inPrecision(goalVelocity, singleVelocity && !clippedVelocity)
      terminated[i] = arrived ? 1 : 0
      rewards[i] = (arrived ? 100 : 0) - action * action * 0.1
      observations[2 * i] = position
      observations[2 * i + 1] = velocity
      states[i] = observations[2 * i]!
      states[count + i] = observations[2 * i + 1]!
    }
  }

  observe({ rows, observations }: Batch, i: number): void {
    for (let k = 0; k < 2; k++) observations[2 * i + k] = rows[k]![i]!
  }
}

function isSingle(x: number): boolean {
  return Math.fround(x) === x
}

function inPrecision(x: number, single: boolean): number {
  return single ? Math.fround(x) : x
}
