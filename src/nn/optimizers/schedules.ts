// Learning rate schedules: pure functions of the step, counted from 0. The first update uses the value of step 0. Pass one to an
// optimizer as its `learningRate`, or set `optimizer.learningRate` from it yourself.

import { ValueError } from '../../tensor/errors.ts'
import { cos, integerPower, power } from '../../tensor/portable-math.ts'
import { requireFraction, requirePositive } from '../checks.ts'

/** The value for update `step`, 0, 1, 2, …. */
export type Schedule = (step: number) => number

export type Scheduled = number | Schedule

export function valueAt(scheduled: Scheduled, step: number): number {
  return typeof scheduled === 'number' ? scheduled : scheduled(step)
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
 * Half a cosine from `initial` to `final` over `steps`; it rises again after that, with a period of twice `steps`.
 * Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5.
 */
export function cosineSchedule(initial: number, steps: number, final = 0): Schedule {
  requirePositive('cosineSchedule: steps', steps)
  return (step) => cosineBetween(initial, final, step / steps)
}

/** `cosineSchedule` that restarts after `steps`, each period `factor` times as long. Same paper, section 3. */
export function cosineWarmRestarts(initial: number, steps: number, factor = 1, final = 0): Schedule {
  requirePositive('cosineWarmRestarts: steps', steps)
  if (!(factor >= 1)) throw new ValueError(`cosineWarmRestarts: factor is ${factor}; expected at least 1`)
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

/** Linear from `initial` to `final` over `steps`, then `final`. */
export function linearSchedule(initial: number, final: number, steps: number): Schedule {
  requirePositive('linearSchedule: steps', steps)
  return (step) => lineBetween(initial, final, Math.min(1, step / steps))
}

/** initial · (1 - step / steps)^exponent, then 0. */
export function polynomialSchedule(initial: number, steps: number, exponent = 1): Schedule {
  requirePositive('polynomialSchedule: steps', steps)
  return (step) => initial * power(1 - Math.min(1, step / steps), exponent)
}

/** One schedule after another, each from its own step 0. `parts[i]` ends at `milestones[i]`. */
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
  /** Highest learning rate. */
  readonly peak: number
  readonly steps: number
  /** Fraction of the steps that rise. Default 0.3. */
  readonly warmup?: number
  /** The initial learning rate is peak / startDivisor. Default 25. */
  readonly startDivisor?: number
  /** The final learning rate is the initial one / endDivisor. Default 1e4. */
  readonly endDivisor?: number
  /** Shape of the rise and the fall. Default `cosine`. */
  readonly form?: 'cosine' | 'linear'
  /** Fall to the initial rate in as many steps as the rise, then to the final one. Default false. */
  readonly threePhase?: boolean
}

/** Rises to a high learning rate, then falls to a very low one, as PyTorch's OneCycleLR. Smith and Topin 2019, arXiv:1708.07120. */
export function oneCycleSchedule(options: OneCycleOptions): Schedule {
  const {
    peak,
    steps,
    warmup = 0.3,
    startDivisor = 25,
    endDivisor = 1e4,
    form = 'cosine',
    threePhase = false,
  } = options
  requirePositive('oneCycleSchedule: steps', steps)
  requireFraction('oneCycleSchedule: warmup', warmup)
  const between = form === 'cosine' ? cosineBetween : lineBetween
  const start = peak / startDivisor
  const up = warmup * steps - 1
  // Phase i goes from levels[i] to levels[i + 1]; its last step is ends[i].
  const ends = threePhase ? [up, 2 * up, steps - 1] : [up, steps - 1]
  const levels = [start, peak, ...(threePhase ? [start] : []), start / endDivisor]
  return (step) => {
    const found = ends.findIndex((end) => step <= end)
    const phase = found === -1 ? ends.length - 1 : found
    const begin = ends[phase - 1] ?? 0
    const length = ends[phase]! - begin
    const progress = length > 0 ? Math.min(1, (step - begin) / length) : 1
    return between(levels[phase]!, levels[phase + 1]!, progress)
  }
}

function cosineBetween(from: number, to: number, progress: number): number {
  return to + ((from - to) * (1 + cos(Math.PI * progress))) / 2
}

function lineBetween(from: number, to: number, progress: number): number {
  return from + (to - from) * progress
}
