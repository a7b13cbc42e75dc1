/**
 * MountainCar: a car in a valley is too weak to drive straight up to the goal; it must first swing back to gain speed.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | accelerate to the left |
 * | 1 | do not accelerate |
 * | 2 | accelerate to the right |
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
 * - every step, the last one too: -1
 *
 * ## Start
 *
 * - position: uniform in [-0.6, -0.4]; `reset` options `low` and `high`
 * - velocity: 0
 *
 * ## End
 *
 * - terminated: position >= 0.5 and velocity >= `goalVelocity` (0 by default)
 * - truncated: after 200 steps
 *
 * ## Source
 *
 * - task: Moore 1990, "Efficient memory-based learning for robot control", PhD thesis, University of Cambridge
 * - equations of motion: Sutton and Barto 2018, "Reinforcement learning: an introduction", example 10.1
 * - reference: Gymnasium 1.4.0, `MountainCar-v0`
 */

import { between, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Box, Discrete } from '../../../data/spaces.ts'
import { sinCosEach } from '../../../tensor/portable-math.ts'
import { type Batch, ClassicControl, uniformStart } from './classic-control.ts'

export const mountainCarOptions = {
  goalVelocity: between(0, -0.07, 0.07, 'least velocity at the goal'),
}

// The continuous car shares the space, and the start at rest.
export const carSpace = /* @__PURE__ */ new Box([-1.2, -0.07], [0.6, 0.07])
export const carStart = /* @__PURE__ */ uniformStart(2, 1, -0.6, -0.4, -1.2, 0.6)

export class MountainCar extends ClassicControl<number> {
  private readonly goalVelocity: number

  constructor(options: GivenOptions<typeof mountainCarOptions> = {}, id = 'MountainCar-v0') {
    super(id, carSpace, new Discrete(3), 2, carStart)
    this.goalVelocity = readOptions(id, mountainCarOptions, options).goalVelocity
  }

  advanceBatch({ count, states, actions, observations, rewards, terminated, angles, trig }: Batch): void {
    const { goalVelocity } = this
    const force = 0.001
    const gravity = 0.0025
    const goalPosition = 0.5
    const minPosition = -1.2
    const maxPosition = 0.6
    const maxSpeed = 0.07
    for (let i = 0; i < count; i++) angles[i] = 3 * states[i]!
    sinCosEach(angles, trig)
    for (let i = 0; i < count; i++) {
      let position = states[i]!
      let velocity = states[count + i]!
      velocity += (actions[i]! - 1) * force + trig[2 * i + 1]! * -gravity
      velocity = Math.max(-maxSpeed, Math.min(maxSpeed, velocity))
      position = Math.max(minPosition, Math.min(maxPosition, position + velocity))
      // The left wall stops the car; the right edge does not.
      if (position === minPosition && velocity < 0) velocity = 0

      states[i] = position
      states[count + i] = velocity
      observations[2 * i] = position
      observations[2 * i + 1] = velocity
      rewards[i] = -1
      terminated[i] = position >= goalPosition && velocity >= goalVelocity ? 1 : 0
    }
  }
}
