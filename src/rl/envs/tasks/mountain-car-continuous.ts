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
 * - every step: -0.1 times the square of the action
 * - the step that reaches the goal: 100 on top
 *
 * ## Start
 *
 * - position: uniform in [-0.6, -0.4]; `reset` options `low` and `high`
 * - velocity: 0
 *
 * ## End
 *
 * - terminated: position >= 0.45 and velocity >= `goalVelocity` (0 by default)
 * - truncated: after 999 steps
 *
 * ## Source
 *
 * - task: Moore 1990, "Efficient memory-based learning for robot control", PhD thesis, University of Cambridge
 * - reference: Gymnasium 1.4.0, `MountainCarContinuous-v0`, with its roundings to single precision under NumPy 2
 */

import { type GivenOptions, readOptions } from '../../../data/options.ts'
import { Box } from '../../../data/spaces.ts'
import { sinCosEach } from '../../../tensor/portable-math.ts'
import type { Step } from '../env.ts'
import { type Batch, ClassicControl } from './classic-control.ts'
import { carSpace, carStart, mountainCarOptions } from './mountain-car.ts'

export class MountainCarContinuous extends ClassicControl<Float32Array> {
  private readonly goalVelocity: number

  constructor(options: GivenOptions<typeof mountainCarOptions> = {}, id = 'MountainCarContinuous-v0') {
    super(id, carSpace, new Box([-1], [1]), 2, carStart)
    this.goalVelocity = readOptions(id, mountainCarOptions, options).goalVelocity
  }

  /** Steps with one finite force, in single or double precision. */
  override step(action: Float32Array | Float64Array): Step<Float32Array> {
    return super.step(action as Float32Array)
  }

  /**
   * Numbers are doubles or in single precision as in Gymnasium, which rounds the state after each step and sums in the precision of
   * the parts. Start states, clipped forces and limits are doubles.
   */
  advanceBatch(batch: Batch): void {
    const { count, states, actions, singleActions, observations, rewards, terminated, angles, trig } = batch
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
}

function isSingle(x: number): boolean {
  return Math.fround(x) === x
}

function inPrecision(x: number, single: boolean): number {
  return single ? Math.fround(x) : x
}
