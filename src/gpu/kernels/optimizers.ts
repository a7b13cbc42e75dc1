// The optimizers' update rules, one kernel for each array that changes. `decay` is the weight decay, which joins the gradient
// as g + decay · p. What is subtracted from 1 is subtracted on the CPU, in float64. Read next: ../optimizers.ts.

import type { KernelThis } from '../program.ts'

export function descend(this: KernelThis, p: number[], g: number[], rate: number, decay: number): number {
  return p[this.thread.x]! - rate * (g[this.thread.x]! + decay * p[this.thread.x]!)
}

export function descendAlong(this: KernelThis, p: number[], velocity: number[], rate: number): number {
  return p[this.thread.x]! - rate * velocity[this.thread.x]!
}

/** One step further along the velocity than it has come. */
export function descendAhead(
  this: KernelThis,
  p: number[],
  g: number[],
  velocity: number[],
  rate: number,
  momentum: number,
  decay: number,
): number {
  const gradient = g[this.thread.x]! + decay * p[this.thread.x]!
  return p[this.thread.x]! - rate * (gradient + momentum * velocity[this.thread.x]!)
}

/** A running mean of the gradient, or, with a gain of 1, a running sum. */
export function average(
  this: KernelThis,
  mean: number[],
  g: number[],
  p: number[],
  keep: number,
  gain: number,
  decay: number,
): number {
  return keep * mean[this.thread.x]! + gain * (g[this.thread.x]! + decay * p[this.thread.x]!)
}

/** The same of the squared gradient. */
export function averageOfSquares(
  this: KernelThis,
  mean: number[],
  g: number[],
  p: number[],
  keep: number,
  gain: number,
  decay: number,
): number {
  const gradient = g[this.thread.x]! + decay * p[this.thread.x]!
  return keep * mean[this.thread.x]! + gain * gradient * gradient
}

/** `shrink` is 1 but for decoupled weight decay; `root` is √(1 - β₂ᵗ). */
export function adamStep(
  this: KernelThis,
  p: number[],
  first: number[],
  second: number[],
  rate: number,
  root: number,
  epsilon: number,
  shrink: number,
): number {
  return (
    p[this.thread.x]! * shrink - (rate * first[this.thread.x]!) / (Math.sqrt(second[this.thread.x]!) / root + epsilon)
  )
}

/** The gradient over the root of its mean square. */
export function normalized(
  this: KernelThis,
  g: number[],
  p: number[],
  second: number[],
  epsilon: number,
  decay: number,
): number {
  return (g[this.thread.x]! + decay * p[this.thread.x]!) / (Math.sqrt(second[this.thread.x]!) + epsilon)
}

/** The same over the standard deviation. */
export function normalizedCentered(
  this: KernelThis,
  g: number[],
  p: number[],
  second: number[],
  mean: number[],
  epsilon: number,
  decay: number,
): number {
  const variance = second[this.thread.x]! - mean[this.thread.x]! * mean[this.thread.x]!
  return (g[this.thread.x]! + decay * p[this.thread.x]!) / (Math.sqrt(variance) + epsilon)
}
