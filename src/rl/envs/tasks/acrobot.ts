/**
 * Acrobot: two rods in a chain hang from a fixed point; a motor at the joint between them swings the tip up.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | torque of -1 N m on the joint |
 * | 1 | no torque |
 * | 2 | torque of 1 N m on the joint |
 *
 * ## Observations
 *
 * | index | observation | unit | low | high |
 * | --- | --- | --- | --- | --- |
 * | 0 | cosine of the first rod's angle, 1 hanging down | 1 | -1 | 1 |
 * | 1 | sine of the first rod's angle | 1 | -1 | 1 |
 * | 2 | cosine of the second rod's angle to the first, 1 in line | 1 | -1 | 1 |
 * | 3 | sine of the second rod's angle to the first | 1 | -1 | 1 |
 * | 4 | angular velocity of the first rod | rad/s | -12.57 (-4π) | 12.57 (4π) |
 * | 5 | angular velocity of the second rod | rad/s | -28.27 (-9π) | 28.27 (9π) |
 *
 * ## Reward
 *
 * - every step: -1
 * - the step that terminates: 0
 *
 * ## Start
 *
 * - both angles (rad) and both velocities (rad/s): uniform in [-0.1, 0.1]; `reset` options `low` and `high`
 *
 * ## End
 *
 * - terminated: the tip is more than one rod's length above the fixed point: -cos θ₁ - cos(θ₁ + θ₂) > 1
 * - truncated: after 500 steps
 *
 * ## Source
 *
 * - task: Sutton 1996, "Generalization in reinforcement learning", NIPS 8 (equations `nips`)
 * - equations of motion: Sutton and Barto 1998, "Reinforcement learning: an introduction", section 11.3 (equations `book`)
 * - reference: Gymnasium 1.4.0, `Acrobot-v1`
 */

import { between, choice, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Box, Discrete } from '../../../data/spaces.ts'
import { sinCosEach } from '../../../tensor/portable-math.ts'
import type { Rng } from '../../../tensor/random.ts'
import { type Batch, ClassicControl, type StartBounds, uniformStart } from './classic-control.ts'

const acrobotOptions = {
  bookOrNips: choice('book', 'equations of motion: of the book, or of the NIPS paper, which lacks one term', [
    'book',
    'nips',
  ]),
  timeStep: between(0.2, 1e-6, 1, 'seconds a step'),
}

// Both rods: 1 m, 1 kg, centre of mass in the middle, moment of inertia 1 kg m².
const MAX_VELOCITY_1 = 4 * Math.PI
const MAX_VELOCITY_2 = 9 * Math.PI

const bounds = Float32Array.of(1, 1, 1, 1, MAX_VELOCITY_1, MAX_VELOCITY_2)
const start = /* @__PURE__ */ uniformStart(4, 4, -0.1, 0.1, -Math.PI, Math.PI)
const mirror = {
  observationSigns: [1, -1, 1, -1, -1, -1],
  actionPermutation: [2, 1, 0],
  stateSigns: [-1, -1, -1, -1],
}

export class Acrobot extends ClassicControl<number> {
  private readonly coriolis: number // 1 in the book, 0 in the paper
  private readonly timeStep: number
  // Scratch: a state and the torque, its slope, the weighted sum of slopes; angles θ₁, θ₂, θ₁ + θ₂, each with sine and cosine.
  private readonly y = new Float64Array(5)
  private readonly slope = new Float64Array(4)
  private readonly slopes = new Float64Array(4)
  private readonly angles = new Float64Array(3)
  private readonly trig = new Float64Array(6)

  constructor(options: GivenOptions<typeof acrobotOptions> = {}, id = 'Acrobot-v1') {
    const lowest = bounds.map((bound) => -bound)
    super(id, new Box(lowest, bounds), new Discrete(3), 4, start, mirror)
    const { bookOrNips, timeStep } = readOptions(id, acrobotOptions, options)
    this.coriolis = bookOrNips === 'book' ? 1 : 0
    this.timeStep = timeStep
  }

  advanceBatch(batch: Batch): void {
    const { count, rows, actions, rewards, terminated } = batch
    const { y, trig } = this
    for (let i = 0; i < count; i++) {
      y[4] = actions[i]! - 1
      this.integrate(rows, i)
      fold(y, 0)
      fold(y, 1)
      rows[0]![i] = y[0]!
      rows[1]![i] = y[1]!
      rows[2]![i] = Math.max(-MAX_VELOCITY_1, Math.min(MAX_VELOCITY_1, y[2]!))
      rows[3]![i] = Math.max(-MAX_VELOCITY_2, Math.min(MAX_VELOCITY_2, y[3]!))
      this.observeOne(batch, i)
      const high = -trig[1]! - trig[5]! > 1
      terminated[i] = high ? 1 : 0
      rewards[i] = high ? 0 : -1
    }
  }

  /** The start state is rounded to single precision, as Gymnasium does it. */
  override startOne(batch: Batch, i: number, bounds: StartBounds, rng: Rng): void {
    super.startOne(batch, i, bounds, rng)
    for (const row of batch.rows) row[i] = Math.fround(row[i]!)
    this.observeOne(batch, i)
  }

  override observeOne({ rows, observations }: Batch, i: number): void {
    const { angles, trig } = this
    angles[0] = rows[0]![i]!
    angles[1] = rows[1]![i]!
    this.setTrig()
    observations[6 * i] = trig[1]!
    observations[6 * i + 1] = trig[0]!
    observations[6 * i + 2] = trig[3]!
    observations[6 * i + 3] = trig[2]!
    observations[6 * i + 4] = rows[2]![i]!
    observations[6 * i + 5] = rows[3]![i]!
  }

  // One Runge-Kutta step of order four with the torque held: y ← y + Δt/6 (k₁ + 2 k₂ + 2 k₃ + k₄).
  private integrate(rows: readonly Float64Array[], i: number): void {
    const { y, slope, slopes, timeStep } = this
    for (let k = 0; k < 4; k++) y[k] = rows[k]![i]!
    this.differentiate()
    for (let k = 0; k < 4; k++) slopes[k] = slope[k]!
    for (let stage = 1; stage < 4; stage++) {
      const ahead = timeStep * (stage === 3 ? 1 : 0.5)
      for (let k = 0; k < 4; k++) y[k] = rows[k]![i]! + ahead * slope[k]!
      this.differentiate()
      for (let k = 0; k < 4; k++) slopes[k]! += (stage === 3 ? 1 : 2) * slope[k]!
    }
    for (let k = 0; k < 4; k++) y[k] = rows[k]![i]! + (timeStep / 6) * slopes[k]!
  }

  // The book's equations with the constants above inserted; cos(θ - π/2) = sin θ. y → slope.
  private differentiate(): void {
    const { y, slope, angles, trig, coriolis } = this
    const gravity = 9.8 // m/s²
    const velocity1 = y[2]!
    const velocity2 = y[3]!
    angles[0] = y[0]!
    angles[1] = y[1]!
    this.setTrig()
    const sine2 = trig[2]!
    const cosine2 = trig[3]!
    const d1 = 0.25 + (1.25 + cosine2) + 2
    const d2 = 0.25 + 0.5 * cosine2 + 1
    const phi2 = 0.5 * gravity * trig[4]!
    const phi1 =
      -0.5 * (velocity2 * velocity2) * sine2 - velocity2 * velocity1 * sine2 + 1.5 * gravity * trig[0]! + phi2
    const acceleration2 =
      (y[4]! + (d2 / d1) * phi1 - coriolis * 0.5 * (velocity1 * velocity1) * sine2 - phi2) / (1.25 - (d2 * d2) / d1)
    slope[0] = velocity1
    slope[1] = velocity2
    slope[2] = -(d2 * acceleration2 + phi1) / d1
    slope[3] = acceleration2
  }

  // Computes θ₁ + θ₂ and the sines and cosines from θ₁ and θ₂.
  private setTrig(): void {
    const { angles, trig } = this
    angles[2] = angles[0]! + angles[1]!
    sinCosEach(angles, trig)
  }
}

// Wraps an angle into [-pi, pi], in place.
function fold(angles: Float64Array, k: number): void {
  const turn = 2 * Math.PI
  if (Math.abs(angles[k]!) > 1e3) angles[k]! %= turn
  while (angles[k]! > Math.PI) angles[k]! -= turn
  while (angles[k]! < -Math.PI) angles[k]! += turn
}
