// How many rounds of collection there are, and how many labels each has. Read next: collector.ts.

import type { Option } from '../rl/options.ts'
import { ValueError } from '../tensor/errors.ts'

/** An option that may also be `auto`, its default. */
export function orAuto(option: Option<number>): Option<number | 'auto'> {
  return {
    ...option,
    value: 'auto',
    allowed: `${option.allowed}, or auto`,
    accepts: (given) => given === 'auto' || option.accepts(given),
    parse: (text) => (text === 'auto' ? text : option.parse(text)),
  }
}

/** Rounds of few enough labels that the student soon plays where it errs, and not so many that training dominates. */
export function autoRounds(labels: number): number {
  return Math.min(Math.max(Math.round(labels / 20), 5), 10, labels)
}

/** Labels of each round: whole numbers that sum to `labels`, each `growth` times the one before, up to rounding. */
export function roundSizes(labels: number, rounds: number, growth: number): number[] {
  const sums: number[] = []
  let weight = 1
  let sum = 0
  for (let round = 0; round < rounds; round++) {
    sum += weight
    sums.push(sum)
    weight *= growth
  }
  const upTo = sums.map((each) => Math.round((labels * each) / sum))
  const sizes = upTo.map((each, i) => each - (upTo[i - 1] ?? 0))
  if (sizes.every((size) => size >= 1)) return sizes
  throw new ValueError(
    `collect: ${labels} labels in ${rounds} rounds leave a round empty (${sizes.join(', ')}); use fewer rounds`,
  )
}
