import fc from 'fast-check'
import { type Answer, compare, type Exercise, shown } from './exercise.ts'

const answer = (logSoftmax: string, sum: string) => `/** ln softmax(z). */
function logSoftmax(z: number[]): number[] {
${logSoftmax}}

/** KL(softmax(teacher) ‖ softmax(student)) of two lists of logits, which may be as large as a thousand. */
export function kl(teacher: number[], student: number[]): number {
  const logP = logSoftmax(teacher)
  const logQ = logSoftmax(student)
  return ${sum}
}
`

const STABLE = `  const largest = Math.max(...z)
  const logSum = largest + Math.log(z.reduce((sum, x) => sum + Math.exp(x - largest), 0))
  return z.map((x) => x - logSum)
`
const SUM = 'logP.reduce((sum, p, i) => sum + Math.exp(p) * (p - logQ[i]), 0)'
const NAIVE = `  const sum = z.reduce((total, x) => total + Math.exp(x), 0)
  return z.map((x) => Math.log(Math.exp(x) / sum))
`

function klOf(teacher: readonly number[], student: readonly number[]): number {
  const logSoftmax = (z: readonly number[]) => {
    const largest = Math.max(...z)
    const logSum = largest + Math.log(z.reduce((sum, x) => sum + Math.exp(x - largest), 0))
    return z.map((x) => x - logSum)
  }
  const logQ = logSoftmax(student)
  return logSoftmax(teacher).reduce((sum, p, i) => sum + Math.exp(p) * (p - logQ[i]!), 0)
}

// Small logits most of the time; now and then so large that their exponentials overflow, or so small that they vanish.
const logit = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -30, max: 30 }).map((n) => n / 10) },
  { weight: 1, arbitrary: fc.integer({ min: -10, max: 10 }).map((n) => 100 * n) },
)
const pairs = fc
  .integer({ min: 2, max: 4 })
  .chain((n) => fc.tuple(...[1, 2].map(() => fc.array(logit, { minLength: n, maxLength: n }))))

export const stableKl: Exercise = {
  title: 'A KL divergence that does not overflow',
  name: 'kl',
  stub: answer(NAIVE, SUM),
  solution: answer(STABLE, SUM),
  wrong: [
    answer(NAIVE, SUM), // e^1000 is infinite
    answer(STABLE, 'logP.reduce((sum, p, i) => sum + Math.exp(logQ[i]) * (logQ[i] - p), 0)'), // the other direction
    answer(STABLE, 'logP.reduce((sum, p, i) => sum + Math.exp(p) * -logQ[i], 0)'), // the cross-entropy
    answer(STABLE, 'logP.reduce((sum, p, i) => sum + p * (p - logQ[i]), 0)'), // weighted by logarithms
    answer(STABLE, 'logP.reduce((sum, p, i) => sum + Math.exp(p) * Math.abs(p - logQ[i]), 0)'),
    answer('  const largest = Math.max(...z)\n  return z.map((x) => x - largest)\n', SUM), // not normalised
    answer(STABLE, 'logP.reduce((sum, p, i) => sum + Math.exp(p) * (p - logQ[i]), 0) / logP.length'), // a mean
    answer(STABLE.replaceAll('Math.max(...z)', 'Math.min(...z)'), SUM), // subtracts the smallest
  ],
  property: (f: Answer) =>
    fc.property(pairs, ([teacher, student]) => {
      const given = `teacher = ${shown(teacher)} and student = ${shown(student)}`
      compare(given, () => f(teacher!, student!), klOf(teacher!, student!))
    }),
}
