// The options of collecting states, and the labels of each round. Read next: collector.ts.

import { choice, count, flag, fraction, limit, type Option, type OptionValues, positive } from '../../data/options.ts'
import { ValueError } from '../../tensor/errors.ts'
import { playOptions } from './play.ts'
import { type Selection, selections } from './selection.ts'

const { seed: _, ...firstPlayOptions } = playOptions

/** States drawn per label, where nothing else is said. */
export const DRAWN = 5

export const collectorOptions = {
  labels: count(200, 'states that the teacher labels, in all rounds together'),
  rounds: orAuto(
    count(5, 'rounds of collection; auto: one per 20 labels, from 5 to 10. From the second on a student plays'),
  ),
  ...firstPlayOptions,
  growth: positive(1, 'labels of a round divided by those of the round before'),
  firstBeta: fraction(1, 'probability, per step, that the teacher acts in the first round; otherwise the student does'),
  betaDecay: fraction(0, 'factor on that probability per round; 0: the student alone plays from the second round on'),
  studentEpsilon: fraction(0.05, 'fraction of random actions in later rounds'),
  selection: choice<Selection>('farthest', 'which states of the play are labelled', selections),
  candidates: orAuto(
    count(DRAWN, 'states drawn per label, for errors and farthest; auto: 5, for errors 1 + 200 / labels, from 2 to 5'),
  ),
  roundSteps: orAuto(
    count(700, 'states played in each later round, by all its students; auto: as many as rolloutSteps'),
  ),
  evaluations: limit(Infinity, 'most evaluations of the teacher, its play and Jacobians included; they end the rounds'),
  minDisagreement: fraction(0, 'rounds end when their students disagree in fewer of the visited states; 0: never'),
  jacobians: flag(false, 'ask for derivatives as well, which label the visited states near each label by expansion'),
}

export type CollectorValues = Omit<OptionValues<typeof collectorOptions>, 'rounds' | 'roundSteps'> & {
  readonly seed: number
  readonly rounds: number
  readonly roundSteps: number
  readonly roundStudents: number
}

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
