import fc from 'fast-check'
import { type Answer, compare, type Exercise, tenths } from './exercise.ts'

const answer = (body: string) => `const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** One step of Adam for one weight. t is 1 in the first step. Return the new [weight, m, v]. */
export function adamStep(
  weight: number, gradient: number, m: number, v: number, t: number, learningRate: number,
): [number, number, number] {
${body}}
`

const steps = (m: string, v: string, mHat: string, vHat: string, weight: string) =>
  answer(`  m = ${m}
  v = ${v}
  const mHat = ${mHat}
  const vHat = ${vHat}
  return [${weight}, m, v]
`)

const M = 'beta1 * m + (1 - beta1) * gradient'
const V = 'beta2 * v + (1 - beta2) * gradient ** 2'
const M_HAT = 'm / (1 - beta1 ** t)'
const V_HAT = 'v / (1 - beta2 ** t)'
const WEIGHT = 'weight - (learningRate * mHat) / (Math.sqrt(vHat) + epsilon)'

export const adamStep: Exercise = {
  title: 'One step of Adam',
  name: 'adamStep',
  stub: answer('  return [weight - learningRate * gradient, m, v]\n'),
  solution: steps(M, V, M_HAT, V_HAT, WEIGHT),
  wrong: [
    steps(M, V, 'm', 'v', WEIGHT), // no correction of the bias
    steps(M, V, M_HAT, 'v', WEIGHT),
    steps(M, V, 'm / (1 - beta1)', 'v / (1 - beta2)', WEIGHT), // right in the first step alone
    steps(M, V, 'm / (1 - beta1 ** (t + 1))', 'v / (1 - beta2 ** (t + 1))', WEIGHT),
    steps(M, 'beta2 * v + (1 - beta2) * gradient', M_HAT, 'Math.abs(v) / (1 - beta2 ** t)', WEIGHT),
    steps(M, V, M_HAT, V_HAT, 'weight - (learningRate * mHat) / (vHat + epsilon)'), // no root
    steps(M, V, M_HAT, V_HAT, 'weight + (learningRate * mHat) / (Math.sqrt(vHat) + epsilon)'), // uphill
    steps('(1 - beta1) * m + beta1 * gradient', V, M_HAT, V_HAT, WEIGHT),
    steps(M, V, M_HAT, V_HAT, 'weight - (learningRate * gradient) / (Math.sqrt(vHat) + epsilon)'), // no momentum
  ],
  property: (f: Answer) =>
    fc.property(
      ...[tenths(-2, 2), tenths(-2, 2), tenths(-2, 2), tenths(0.1, 2), fc.integer({ min: 1, max: 5 }), tenths(0.1, 1)],
      (weight, gradient, m, v, t, learningRate) => {
        const newM = 0.9 * m + 0.1 * gradient
        const newV = 0.999 * v + 0.001 * gradient ** 2
        const step = newM / (1 - 0.9 ** t) / (Math.sqrt(newV / (1 - 0.999 ** t)) + 1e-8)
        const given = `weight = ${weight}, gradient = ${gradient}, m = ${m}, v = ${v}, t = ${t} and learningRate = ${learningRate}`
        compare(given, () => f(weight, gradient, m, v, t, learningRate), [weight - learningRate * step, newM, newV])
      },
    ),
}
