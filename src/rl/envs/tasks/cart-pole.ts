/**
 * CartPole: a pole stands on a cart by a free hinge; push the cart left or right so that the pole stays up.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | push the cart to the left with 10 N |
 * | 1 | push the cart to the right with 10 N |
 *
 * ## Observations
 *
 * | index | observation | unit | low | high |
 * | --- | --- | --- | --- | --- |
 * | 0 | cart position | m | -4.8 | 4.8 |
 * | 1 | cart velocity | m/s | -Infinity | Infinity |
 * | 2 | pole angle, 0 upright | rad | -0.4189 (24°) | 0.4189 (24°) |
 * | 3 | pole angular velocity | rad/s | -Infinity | Infinity |
 *
 * ## Reward
 *
 * | when | reward | with `suttonBartoReward` |
 * | --- | --- | --- |
 * | every step | 1 | 0 |
 * | the step that terminates | 1 | -1 |
 *
 * ## Start
 *
 * - each of the four numbers: uniform in [-0.05, 0.05]; `reset` options `low` and `high`
 *
 * ## End
 *
 * - terminated: the cart is more than 2.4 m from the middle
 * - terminated: the pole is more than 12° (0.2094 rad) from upright
 * - truncated: after 500 steps (`CartPole-v1`) or 200 steps (`CartPole-v0`)
 *
 * ## Source
 *
 * - task: Barto, Sutton and Anderson 1983, IEEE Transactions on Systems, Man, and Cybernetics 13(5)
 * - equations of motion: Florian 2007, "Correct equations for the dynamics of the cart-pole system", without friction
 * - reference: Gymnasium 1.4.0, `CartPole-v1`
 */

import { choice, flag, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Box, Discrete } from '../../../data/spaces.ts'
import { sinCosEach } from '../../../tensor/portable-math.ts'
import { type Batch, ClassicControl, uniformStart } from './classic-control.ts'

const cartPoleOptions = {
  suttonBartoReward: flag(false, 'reward 0 a step and -1 for the fall, in place of 1 a step'),
  kinematicsIntegrator: choice(
    'euler',
    'euler moves positions with the velocities before the push, semi-implicit with those after it',
    ['euler', 'semi-implicit'],
  ),
}

/** Farthest the cart may go, in m. */
export const X_LIMIT = 2.4
/** Farthest the pole may lean, in rad. */
export const ANGLE_LIMIT = (12 * 2 * Math.PI) / 360

// The space is twice as wide as the episode's limits, so that it contains the last observation.
const observationSpace = /* @__PURE__ */ new Box(
  [-2 * X_LIMIT, -Infinity, -2 * ANGLE_LIMIT, -Infinity],
  [2 * X_LIMIT, Infinity, 2 * ANGLE_LIMIT, Infinity],
)
const start = /* @__PURE__ */ uniformStart(4, 4, -0.05, 0.05, -ANGLE_LIMIT, ANGLE_LIMIT)
const mirror = { observationSigns: [-1, -1, -1, -1], actionPermutation: [1, 0] }

export class CartPole extends ClassicControl<number> {
  private readonly suttonBartoReward: boolean
  private readonly semiImplicit: boolean

  constructor(options: GivenOptions<typeof cartPoleOptions> = {}, id = 'CartPole-v1') {
    super(id, observationSpace, new Discrete(2), 4, start, mirror)
    const { suttonBartoReward, kinematicsIntegrator } = readOptions(id, cartPoleOptions, options)
    this.suttonBartoReward = suttonBartoReward
    this.semiImplicit = kinematicsIntegrator === 'semi-implicit'
  }

  advanceBatch({ count, states, rows, actions, observations, rewards, terminated, trig }: Batch): void {
    const { semiImplicit, suttonBartoReward } = this
    const gravity = 9.8 // m/s²
    const cartMass = 1 // kg
    const poleMass = 0.1 // kg
    const totalMass = cartMass + poleMass
    const halfLength = 0.5 // m, hinge to the pole's middle
    const poleMoment = poleMass * halfLength // kg m
    const timeStep = 0.02 // s
    const xLimit = X_LIMIT
    const angleLimit = ANGLE_LIMIT
    sinCosEach(rows[2]!, trig)
    for (let i = 0; i < count; i++) {
      let x = states[i]!
      let velocity = states[count + i]!
      let angle = states[2 * count + i]!
      let angularVelocity = states[3 * count + i]!
      const force = actions[i] === 1 ? 10 : -10 // N
      const sine = trig[2 * i]!
      const cosine = trig[2 * i + 1]!

      const push = (force + poleMoment * (angularVelocity * angularVelocity) * sine) / totalMass
      const angularAcceleration =
        (gravity * sine - cosine * push) / (halfLength * (4 / 3 - (poleMass * (cosine * cosine)) / totalMass))
      const acceleration = push - (poleMoment * angularAcceleration * cosine) / totalMass

      if (semiImplicit) {
        velocity += timeStep * acceleration
        x += timeStep * velocity
        angularVelocity += timeStep * angularAcceleration
        angle += timeStep * angularVelocity
      } else {
        x += timeStep * velocity
        velocity += timeStep * acceleration
        angle += timeStep * angularVelocity
        angularVelocity += timeStep * angularAcceleration
      }

      states[i] = x
      states[count + i] = velocity
      states[2 * count + i] = angle
      states[3 * count + i] = angularVelocity
      observations[4 * i] = x
      observations[4 * i + 1] = velocity
      observations[4 * i + 2] = angle
      observations[4 * i + 3] = angularVelocity
      const fell = x < -xLimit || x > xLimit || angle < -angleLimit || angle > angleLimit
      terminated[i] = fell ? 1 : 0
      rewards[i] = suttonBartoReward ? (fell ? -1 : 0) : 1
    }
  }
}
