// Learning rates that change as training goes on: pure functions of the step, counted from 0. Step 0's figure is used in
// the first update. Give one to an optimizer as its `learningRate`, or ask it yourself and set `optimizer.learningRate`.

import { ValueError } from '../tensor/errors.ts'
import { cos, integerPower, power } from '../tensor/portable-math.ts'

/** The figure for update `step`, 0, 1, 2, …. */
export type Schedule = (step: number) => number

/** A figure that stays, or one that follows a schedule. */
export type Scheduled = number | Schedule

/** What a fixed or scheduled figure is at `step`. */
export function valueAt(figure: Scheduled, step: number): number {
  return typeof figure === 'number' ? figure : figure(step)
}

/** `initial`, multiplied by `gamma` after every `stepSize` steps. */
export function stepSchedule(initial: number, stepSize: number, gamma = 0.1): Schedule {
  requirePositive('stepSchedule: stepSize', stepSize)
  return (step) => initial * integerPower(gamma, Math.floor(step / stepSize))
}

/** `initial`, multiplied by `gamma` at each of the `milestones`. */
export function multiStepSchedule(initial: number, milestones: readonly number[], gamma = 0.1): Schedule {
  return (step) => initial * integerPower(gamma, milestones.filter((milestone) => milestone <= step).length)
}

/** initial · gamma^step. */
export function exponentialSchedule(initial: number, gamma: number): Schedule {
  return (step) => initial * integerPower(gamma, step)
}

/**
 * Half a cosine from `initial` to `final` over `steps`; further steps climb back up, with a period of twice `steps`.
 * Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5.
 */
export function cosineSchedule(initial: number, steps: number, final = 0): Schedule {
  requirePositive('cosineSchedule: steps', steps)
  return (step) => cosineBetween(initial, final, step / steps)
}

/** `cosineSchedule` that starts afresh after `steps`, each period `factor` times as long. Same paper, section 3. */
export function cosineWarmRestarts(initial: number, steps: number, factor = 1, final = 0): Schedule {
  requirePositive('cosineWarmRestarts: steps', steps)
  if (!(factor >= 1)) throw new ValueError(`cosineWarmRestarts: factor is ${factor}; it must be at least 1`)
  return (step) => {
    let period = steps
    let within = step
    while (within >= period) {
      within -= period
      period *= factor
    }
    return cosineBetween(initial, final, within / period)
  }
}

/** A straight line from `initial` to `final` over `steps`, then `final`. */
export function linearSchedule(initial: number, final: number, steps: number): Schedule {
  requirePositive('linearSchedule: steps', steps)
  return (step) => lineBetween(initial, final, Math.min(1, step / steps))
}

/** initial · (1 - step / steps)^exponent, then 0. */
export function polynomialSchedule(initial: number, steps: number, exponent = 1): Schedule {
  requirePositive('polynomialSchedule: steps', steps)
  return (step) => initial * power(1 - Math.min(1, step / steps), exponent)
}

/** One schedule after the other; each begins at its own step 0. `parts[i]` ends at `milestones[i]`. */
export function sequentialSchedule(parts: readonly Schedule[], milestones: readonly number[]): Schedule {
  if (parts.length !== milestones.length + 1) {
    throw new ValueError(
      `sequentialSchedule: ${parts.length} schedules need ${parts.length - 1} milestones, got ${milestones.length}`,
    )
  }
  return (step) => {
    const at = milestones.filter((milestone) => milestone <= step).length
    return parts[at]!(step - (milestones[at - 1] ?? 0))
  }
}

export interface OneCycleOptions {
  /** The highest learning rate. */
  readonly peak: number
  /** The number of steps in all. */
  readonly steps: number
  /** The share of the steps on the way up. Default 0.3. */
  readonly warmup?: number
  /** The start is peak / startDivisor. Default 25. */
  readonly startDivisor?: number
  /** The end is the start / endDivisor. Default 1e4. */
  readonly endDivisor?: number
  /** The form of both ways. Default `cosine`. */
  readonly form?: 'cosine' | 'linear'
  /** Come down to the start in as many steps as it went up, and only then to the end. Default false. */
  readonly threePhase?: boolean
}

/** Up to a high learning rate and down to a very low one. Smith and Topin 2019, arXiv:1708.07120. */
export function oneCycleSchedule(options: OneCycleOptions): Schedule {
  const { peak, startDivisor = 25, endDivisor = 1e4 } = options
  const start = peak / startDivisor
  return cycle(options, start, peak, options.threePhase === true ? [start, start / endDivisor] : [start / endDivisor])
}

/** The momentum (Adam: beta1) that goes with `oneCycleSchedule`: low where the learning rate is high. */
export function oneCycleMomentum(options: OneCycleOptions, low = 0.85, high = 0.95): Schedule {
  return cycle(options, high, low, options.threePhase === true ? [high, high] : [high])
}

// From `start` to `turn`, then through `rest`, in stretches whose last steps PyTorch's OneCycleLR fixes.
function cycle(options: OneCycleOptions, start: number, turn: number, rest: readonly number[]): Schedule {
  const { steps, warmup = 0.3, form = 'cosine' } = options
  requirePositive('oneCycle: steps', steps)
  if (!(warmup >= 0 && warmup <= 1)) throw new ValueError(`oneCycle: warmup is ${warmup}; it must be from 0 to 1`)
  const between = form === 'cosine' ? cosineBetween : lineBetween
  const up = warmup * steps - 1
  const ends = rest.length === 2 ? [up, 2 * up, steps - 1] : [up, steps - 1]
  const levels = [start, turn, ...rest]
  return (step) => {
    const found = ends.findIndex((end) => step <= end)
    const phase = found === -1 ? ends.length - 1 : found // past the end: the last level
    const begin = ends[phase - 1] ?? 0
    const length = ends[phase]! - begin
    const fraction = length > 0 ? Math.min(1, (step - begin) / length) : 1
    return between(levels[phase]!, levels[phase + 1]!, fraction)
  }
}

function cosineBetween(from: number, to: number, fraction: number): number {
  return to + ((from - to) * (1 + cos(Math.PI * fraction))) / 2
}

function lineBetween(from: number, to: number, fraction: number): number {
  return from + (to - from) * fraction
}

function requirePositive(what: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new ValueError(`${what} is ${value}; it must be a positive number`)
}
