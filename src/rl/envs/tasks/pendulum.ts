/**
 * Pendulum: a rod hangs from a motor too weak to lift it; swing it up and hold it upright.
 *
 * ## Actions
 *
 * | index | action | unit | low | high |
 * | --- | --- | --- | --- | --- |
 * | 0 | torque, positive counter-clockwise; clipped to the bounds | N m | -2 | 2 |
 *
 * ## Observations
 *
 * | index | observation | unit | low | high |
 * | --- | --- | --- | --- | --- |
 * | 0 | cosine of the angle, 1 upright | 1 | -1 | 1 |
 * | 1 | sine of the angle | 1 | -1 | 1 |
 * | 2 | angular velocity | rad/s | -8 | 8 |
 *
 * ## Reward
 *
 * - every step: -(angle² + 0.1 velocity² + 0.001 torque²), from the state before the step, the angle folded into [-π, π)
 *
 * ## Start
 *
 * - angle: uniform in [-π, π]; `reset` option `maxAngle`
 * - angular velocity: uniform in [-1, 1]; `reset` option `maxVelocity`
 *
 * ## End
 *
 * - terminated: never
 * - truncated: after 200 steps
 *
 * ## Source
 *
 * - equations of motion: a uniform rod of 1 kg and 1 m about its end: moment of inertia m l² / 3
 * - reference: Gymnasium 1.4.0, `Pendulum-v1`, with its roundings to single precision under NumPy 2
 */

import { between, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Box } from '../../../data/spaces.ts'
import { cos, sin, sinCosEach } from '../../../tensor/portable-math.ts'
import type { Step } from '../env.ts'
import { type Batch, ClassicControl } from './classic-control.ts'

const pendulumOptions = {
  gravity: between(10, -1000, 1000, 'acceleration of gravity, m/s²'),
}

const MAX_SPEED = 8 // rad/s
const MAX_TORQUE = 2 // N m

const resetOptions = {
  maxAngle: between(Math.PI, 0, 1e5, 'largest angle of the start state, rad'),
  maxVelocity: between(1, 0, MAX_SPEED, 'largest angular velocity of the start state, rad/s'),
}

const observationSpace = /* @__PURE__ */ new Box([-1, -1, -MAX_SPEED], [1, 1, MAX_SPEED])
const mirror = { observationSigns: [1, -1, -1], actionSigns: [-1], stateSigns: [-1, -1] }

function start(id: string, options: Readonly<Record<string, unknown>>) {
  const { maxAngle, maxVelocity } = readOptions(`${id}: reset`, resetOptions, options)
  return { low: Float64Array.of(0 - maxAngle, 0 - maxVelocity), high: Float64Array.of(maxAngle, maxVelocity) }
}

export class Pendulum extends ClassicControl<Float32Array> {
  private readonly gravity: number

  constructor(options: GivenOptions<typeof pendulumOptions> = {}, id = 'Pendulum-v1') {
    super(id, observationSpace, new Box([-MAX_TORQUE], [MAX_TORQUE]), 2, start, mirror)
    this.gravity = readOptions(id, pendulumOptions, options).gravity
  }

  /** Steps with one finite torque, in single or double precision. */
  override step(action: Float32Array | Float64Array): Step<Float32Array> {
    return super.step(action as Float32Array)
  }

  /** Between steps, `trig` holds the sine and cosine of the current angles: each is used twice. */
  advanceBatch({ count, states, rows, actions, singleActions, observations, rewards, terminated, trig }: Batch): void {
    const length = 1 // m
    const mass = 1 // kg
    const timeStep = 0.05 // s
    const maxSpeed = MAX_SPEED
    const maxTorque = MAX_TORQUE
    const pull = (3 * this.gravity) / (2 * length)
    const lever = 3 / (mass * (length * length))
    for (let i = 0; i < count; i++) {
      const angle = states[i]!
      let velocity = states[count + i]!
      const torque = Math.max(-maxTorque, Math.min(maxTorque, actions[i]!))
      // Products with a float32 torque are float32.
      const push = singleActions ? Math.fround(lever * torque) : lever * torque
      const effort = singleActions
        ? Math.fround(Math.fround(0.001) * Math.fround(torque * torque))
        : 0.001 * (torque * torque)
      const folded = fold(angle)
      rewards[i] = -(folded * folded + 0.1 * (velocity * velocity) + effort)

      velocity += (pull * trig[2 * i]! + push) * timeStep
      velocity = Math.max(-maxSpeed, Math.min(maxSpeed, velocity))
      states[i] = angle + velocity * timeStep
      states[count + i] = velocity
      terminated[i] = 0
    }
    sinCosEach(rows[0]!, trig)
    for (let i = 0; i < count; i++) {
      observations[3 * i] = trig[2 * i + 1]!
      observations[3 * i + 1] = trig[2 * i]!
      observations[3 * i + 2] = states[count + i]!
    }
  }

  override observeOne({ count, states, observations, trig }: Batch, i: number): void {
    trig[2 * i] = sin(states[i]!)
    trig[2 * i + 1] = cos(states[i]!)
    observations[3 * i] = trig[2 * i + 1]!
    observations[3 * i + 1] = trig[2 * i]!
    observations[3 * i + 2] = states[count + i]!
  }
}

// Wraps an angle into [-pi, pi): the non-negative remainder of a turn, less half a turn.
function fold(angle: number): number {
  const turn = 2 * Math.PI
  const shifted = angle + Math.PI
  // Near the interval, one subtraction is as exact as the remainder and much faster.
  const rest = shifted >= -turn && shifted < 2 * turn ? (shifted >= turn ? shifted - turn : shifted) : shifted % turn
  return (rest < 0 ? rest + turn : rest) - Math.PI
}
