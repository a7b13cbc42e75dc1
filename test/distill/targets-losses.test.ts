// The loss of each target that learns one number or distribution per action or state: an example by hand, its closed-form gradient
// and central differences. The losses of the other targets: test/nn/distillation-losses.test.ts and test/rl/policies/distributions.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TargetLike } from '../../src/distill/targets/index.ts'
import { add, DTypeError, gradcheck, mul, type Tensor, tensor } from '../../src/tensor/index.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../support/golden.ts'
import { forAll } from '../support/property.ts'
import { prepare } from './every-target.ts'
import { datasetOf } from './formula-dataset.ts'

const entries = (n: number, size = 3) =>
  fc.array(fc.double({ min: -size, max: size, noNaN: true }), { minLength: n, maxLength: n })
const matrix = (values: number[], rows = 1) => tensor(values, [rows, values.length / rows], { dtype: 'float64' })
const logits = (probabilities: number[]) => matrix(probabilities.map(Math.log))
const shares = (z: number[], tau = 1) => {
  const e = z.map((v) => Math.exp(v / tau))
  return e.map((v) => v / e.reduce((a, b) => a + b))
}
const gradientOf = (loss: (z: Tensor) => Tensor, z: Tensor) => {
  const leaf = tensor(z.toArray(), z.shape, { requiresGrad: true })
  loss(leaf).backward()
  return Array.from(leaf.grad!.view())
}
const expectNear = (got: ArrayLike<number>, expected: readonly number[], digits = 9) => {
  expect(got).toHaveLength(expected.length)
  for (const [i, each] of expected.entries()) expect(got[i]).toBeCloseTo(each, digits)
}

/** The action values have a standard deviation of 1, so that an absolute temperature is a relative one. */
const unit = datasetOf([[0], [1]], [-1, 1, -1, 1])
const lossOf = (target: TargetLike, options: object = {}) => prepare(target, unit, options).loss
const soft = (temperature: number) => lossOf('q-softmax', { temperature: { absolute: temperature } })
const [forwardKl, reverseKl, hard] = (['forward-kl', 'reverse-kl', 'hard'] as const).map((divergence) =>
  lossOf('policy', { divergence }),
) as [ReturnType<typeof lossOf>, ReturnType<typeof lossOf>, ReturnType<typeof lossOf>]
const squared = lossOf('q-mse')

/** 1 to 4 states with 1 to 4 actions: labels and outputs. */
const batches = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([rows, columns]) =>
  fc.record({
    rows: fc.constant(rows),
    teacher: entries(rows * columns),
    student: entries(rows * columns),
    tau: fc.double({ min: 0.2, max: 5, noNaN: true }),
    w: fc.double({ min: -2, max: 2, noNaN: true }),
  }),
)

type Loss = (outputs: Tensor, labels: Tensor, tau: number) => Tensor

const losses: Record<string, Loss> = {
  'policy, forward-kl': (z, t) => forwardKl(z, t),
  'policy, reverse-kl': (z, t) => reverseKl(z, t),
  'policy, jsd': (z, t, tau) => lossOf('policy', { divergence: 'jsd', jsBeta: tau / 5.1 })(z, t),
  'policy, hard': (z, t) => hard(z, t),
  'q-softmax': (z, t, tau) => soft(tau)(z, t),
  'q-mse': (z, t) => squared(z, t),
  'value-mse': (z, t) => lossOf('value-mse')(z, t),
}

describe.each(Object.entries(losses))('the loss of %s', (name, loss) => {
  it('has the gradient that central differences give', () => {
    forAll([batches], { numRuns: 40 }, ({ rows, teacher, student, tau, w }) => {
      const labels = matrix(teacher, rows)
      gradcheck((z) => loss(z, labels, tau), matrix(student, rows), [w])
    })
  })

  it('has no gradient for the labels', () => {
    const labels = tensor([[1, 2]], undefined, { dtype: 'float64', requiresGrad: true })
    const z = tensor([[0.5, -1]], undefined, { dtype: 'float64', requiresGrad: true })
    loss(z, labels, 0.7).backward()
    expect(labels.grad).toBeNull()
    expect(z.grad).not.toBeNull()
  })

  it('throws on another number of actions', () => {
    expect(() => loss(matrix([1, 2]), matrix([1, 2, 3]), 1)).toThrow(
      name.includes('hard') ? /2 .* 0 to 1/ : /prediction is \[1, 2\], the target \[1, 3\]/,
    )
  })
})

const ofPolicies = Object.entries(losses).filter(([name]) => !/mse/.test(name))

it.each(ofPolicies)('the loss of %s does not change with a constant added to the outputs of a state', (_, loss) => {
  forAll([batches, fc.double({ min: -5, max: 5, noNaN: true })], ({ rows, teacher, student, tau }, c) => {
    const [labels, z] = [matrix(teacher, rows), matrix(student, rows)]
    expect(loss(add(z, c), labels, tau).item()).toBeCloseTo(loss(z, labels, tau).item(), 9)
  })
})

describe('policy', () => {
  const [p, q] = [logits([0.75, 0.25]), logits([0.5, 0.5])]

  it('learns by KL(p ‖ q), KL(q ‖ p) or -ln q of the best action', () => {
    expect(forwardKl(q, p).item()).toBeCloseTo(0.130812035941, 11) // ¾ ln 3/2 + ¼ ln ½
    expect(reverseKl(q, p).item()).toBeCloseTo(0.143841036226, 11) // ½ ln ⅔ + ½ ln 2
    expect(hard(p, matrix([1, 2])).item()).toBeCloseTo(1.38629436112, 11) // -ln ¼
  })

  it('learns by KL(p ‖ m) / (1 - β) + KL(q ‖ m) / β, m = β p + (1 - β) q, where the divergence is jsd', () => {
    const jsd = (jsBeta: number) => lossOf('policy', { divergence: 'jsd', jsBeta })(q, p).item()
    expect(jsd(0.25)).toBeCloseTo(0.132640190409, 11) // m = (9/16, 7/16)
    expect([jsd(0), jsd(1)]).toEqual([forwardKl(q, p).item(), reverseKl(q, p).item()])
  })

  it('has the gradient q - softmax(Q/τ) with the softened labels of a teacher of action values', () => {
    forAll([entries(3), entries(3), fc.double({ min: 0.3, max: 4, noNaN: true })], (Q, z, tau) => {
      const teacher = shares(Q, tau)
      expectNear(
        gradientOf((x) => forwardKl(x, matrix(Q.map((each) => each / tau))), matrix(z)),
        shares(z).map((each, k) => each - teacher[k]!),
      )
    })
  })

  it('has the gradient q - onehot for hard labels', () => {
    expectNear(
      gradientOf((x) => hard(x, matrix([1, 2])), p),
      [0.75, 0.25 - 1],
    )
  })
})

describe('q-softmax', () => {
  it('is τ² KL(softmax(Q/τ) ‖ softmax(z/τ))', () => {
    // τ = 2, p = (¾, ¼), q = (½, ½): 4 (¾ ln 3/2 + ¼ ln ½)
    expect(soft(2)(matrix([0, 0]), matrix([2 * Math.log(3), 0])).item()).toBeCloseTo(0.523248143765, 11)
  })

  it('has the gradient τ (q - p)', () => {
    forAll([entries(3), entries(3), fc.double({ min: 0.3, max: 4, noNaN: true })], (Q, z, tau) => {
      const p = shares(Q, tau)
      expectNear(
        gradientOf((x) => soft(tau)(x, matrix(Q)), matrix(z)),
        shares(z, tau).map((each, k) => tau * (each - p[k]!)),
      )
    })
  })

  it('at a high temperature matches centred values: (z - Q) / actions', () => {
    const [Q, z] = [
      [1, -2, 0.5],
      [0.2, 0.1, -0.7],
    ] as [number[], number[]]
    const centred = (v: number[]) => v.map((x) => x - v.reduce((a, b) => a + b) / v.length)
    expectNear(
      gradientOf((x) => soft(1e4)(x, matrix(Q)), matrix(z)),
      centred(z).map((each, k) => (each - centred(Q)[k]!) / 3),
      3,
    )
  })

  it('keeps the size of its gradient when the temperature doubles; without τ² a quarter is left', () => {
    const size = (loss: (z: Tensor) => Tensor) => Math.hypot(...gradientOf(loss, matrix([0.3, -0.4, 0.1])))
    const Q = matrix([1, -2, 0.5])
    const softened = (tau: number) => size((z) => soft(tau)(z, Q))
    expect(softened(40) / softened(20)).toBeCloseTo(1, 1)
    const bare = (tau: number) => size((z) => forwardKl(mul(z, 1 / tau), mul(Q, 1 / tau)))
    expect(bare(40) / bare(20)).toBeCloseTo(0.25, 1)
  })

  const cases = goldenCases('losses.json').filter(({ op }) => op === 'kd')

  it.each(cases.map((golden) => [golden.name, golden] as const))("is PyTorch's distillation loss: %s", (_, golden) => {
    const student = fromGolden(golden.inputs.student_logits!, 'float64', true)
    const teacher = fromGolden(golden.inputs.teacher_logits!, 'float64')
    const loss = soft(golden.attrs!.temperature as number)(student, teacher)
    const tolerance = toleranceOf(golden, 'float64')
    expectClose(loss, golden.outputs.loss!, tolerance, 'loss')
    loss.backward()
    expectClose(student.grad!, golden.grads!.student_logits!, tolerance, 'gradient')
  })
})

describe('squared errors', () => {
  it('are ½ ‖z - y‖² per state', () => {
    // ½ (1² + 2²) and ½ (0² + 1²), mean 3/2
    expect(squared(matrix([1, 4, 3, 3], 2), matrix([0, 2, 3, 4], 2)).item()).toBe(1.5)
    expect(lossOf('value-mse')(matrix([3, 1], 2), matrix([1, 1], 2)).item()).toBe(1)
  })

  it('throw on tensors of two element types', () => {
    expect(() => squared(tensor([[1, 2]]), matrix([1, 2]))).toThrow(DTypeError)
  })
})
