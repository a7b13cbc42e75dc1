// Each loss of distillation: an example by hand, its closed-form gradient, central differences, and what must hold for any numbers.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generalizedJsd, klDivergence, listNet, smoothedLogits } from '../../src/nn/index.ts'
import { add, logSoftmax, ShapeError, softmax, type Tensor, tensor, ValueError } from '../../src/tensor/index.ts'
import { gradientProperty } from '../support/gradients.ts'
import { distillationLossCases } from '../support/loss-cases.ts'
import { forAll, property } from '../support/property.ts'

const entries = (n: number, size = 3) =>
  fc.array(fc.double({ min: -size, max: size, noNaN: true }), { minLength: n, maxLength: n })
const matrix = (values: number[], rows = 1) => tensor(values, [rows, values.length / rows], { dtype: 'float64' })
const vector = (values: number[]) => tensor(values, [values.length], { dtype: 'float64' })
const logits = (probabilities: number[]) => matrix(probabilities.map(Math.log))
const shares = (z: number[], tau = 1) => {
  const e = z.map((v) => Math.exp(v / tau))
  return e.map((v) => v / e.reduce((a, b) => a + b))
}
const forwardKl = (z: Tensor, teacher: Tensor) => klDivergence(logSoftmax(teacher), logSoftmax(z))
const reverseKl = (z: Tensor, teacher: Tensor) => klDivergence(logSoftmax(z), logSoftmax(teacher))
const gradientOf = (loss: (z: Tensor) => Tensor, z: Tensor) => {
  const leaf = tensor(z.toArray(), z.shape, { requiresGrad: true })
  loss(leaf).backward()
  return Array.from(leaf.grad!.view())
}
const expectNear = (got: ArrayLike<number>, expected: readonly number[], digits = 9) => {
  expect(got).toHaveLength(expected.length)
  for (const [i, each] of expected.entries()) expect(got[i]).toBeCloseTo(each, digits)
}

const expectGradient = (loss: (z: Tensor) => Tensor, z: Tensor, expected: readonly number[], digits?: number) =>
  expectNear(gradientOf(loss, z), expected, digits)

/** 1 to 4 states with 1 to 4 actions: labels and outputs. */
const batches = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([rows, columns]) =>
  fc.record({
    rows: fc.constant(rows),
    teacher: entries(rows * columns),
    student: entries(rows * columns),
    tau: fc.double({ min: 0.2, max: 5, noNaN: true }),
  }),
)

type Loss = (outputs: Tensor, labels: Tensor, tau: number) => Tensor

const perAction: Record<string, Loss> = {
  'generalizedJsd at β = 0': (z, t) => generalizedJsd(z, t, { beta: 0 }),
  generalizedJsd: (z, t, tau) => generalizedJsd(z, t, { beta: tau / 5.1 }),
  'generalizedJsd at β = 1': (z, t) => generalizedJsd(z, t, { beta: 1 }),
}

it.each(Object.entries(distillationLossCases))('the gradient in the outputs: of %s', (_, { calls }) =>
  gradientProperty(calls),
)

describe.each(Object.entries(perAction))('%s', (_, loss) => {
  it('has no gradient for the labels', () => {
    const labels = tensor([[1, 2]], undefined, { dtype: 'float64', requiresGrad: true })
    const z = tensor([[0.5, -1]], undefined, { dtype: 'float64', requiresGrad: true })
    loss(z, labels, 0.7).backward()
    expect(labels.grad).toBeNull()
    expect(z.grad).not.toBeNull()
  })

  it('does not change with a constant added to the logits of a state', () => {
    forAll([batches, fc.double({ min: -5, max: 5, noNaN: true })], ({ rows, teacher, student, tau }, c) => {
      const [labels, z] = [matrix(teacher, rows), matrix(student, rows)]
      expect(loss(add(z, c), labels, tau).item()).toBeCloseTo(loss(z, labels, tau).item(), 9)
    })
  })

  it('throws on another number of actions', () => {
    expect(() => loss(matrix([1, 2]), matrix([1, 2, 3]), 1)).toThrow(ShapeError)
    expect(() => loss(matrix([1, 2]), matrix([1, 2, 3]), 1)).toThrow(/prediction is \[1, 2\], the target \[1, 3\]/)
  })
})

describe('generalizedJsd', () => {
  const teacher = matrix([1, 0, -1])
  const student = matrix([-0.5, 0.2, 0])

  it('is KL(p ‖ m) / (1 - β) + KL(q ‖ m) / β', () => {
    const [p, q] = [logits([0.25, 0.75]), logits([0.5, 0.5])]
    // β = ½: m = (3/8, 5/8); 2 (¼ ln 2/3 + ¾ ln 6/5) + 2 (½ ln 4/3 + ½ ln 4/5)
    expect(generalizedJsd(q, p).item()).toBeCloseTo(0.135288302274, 11)
    // β = ¼: m = (7/16, 9/16); 4/3 (¼ ln 4/7 + ¾ ln 4/3) + 4 (½ ln 8/7 + ½ ln 8/9)
    expect(generalizedJsd(q, p, { beta: 0.25 }).item()).toBeCloseTo(0.13264019041, 11)
    // β = 0: ¼ ln ½ + ¾ ln 3/2; β = 1: ½ ln 2 + ½ ln 2/3
    expect(generalizedJsd(q, p, { beta: 0 }).item()).toBeCloseTo(0.130812035941, 11)
    expect(generalizedJsd(q, p, { beta: 1 }).item()).toBeCloseTo(0.143841036226, 11)
  })

  property('is zero between equals and positive otherwise', [batches], ({ rows, teacher, student }) => {
    for (const beta of [0, 0.5, 1]) {
      expect(generalizedJsd(matrix(teacher, rows), matrix(teacher, rows), { beta }).item()).toBeCloseTo(0, 12)
      expect(generalizedJsd(matrix(student, rows), matrix(teacher, rows), { beta }).item()).toBeGreaterThanOrEqual(
        -1e-12,
      )
    }
  })

  it('is the forward KL at β = 0 and the reverse KL at β = 1, and continuous there', () => {
    const jsd = (beta: number) => generalizedJsd(student, teacher, { beta }).item()
    expect(jsd(0)).toBe(forwardKl(student, teacher).item())
    expect(jsd(1)).toBe(reverseKl(student, teacher).item())
    expect(jsd(1e-5)).toBeCloseTo(jsd(0), 4)
    expect(jsd(1 - 1e-5)).toBeCloseTo(jsd(1), 4)
  })

  it('has the gradient q_k (ln(q_k / p_k) - KL) at β = 1, and q - p at β = 0', () => {
    forAll([entries(3), entries(3)], (t, z) => {
      const [p, q] = [shares(t), shares(z)]
      const kl = q.reduce((sum, each, k) => sum + each * Math.log(each / p[k]!), 0)
      expectGradient(
        (x) => generalizedJsd(x, matrix(t), { beta: 1 }),
        matrix(z),
        q.map((each, k) => each * (Math.log(each / p[k]!) - kl)),
      )
      expectGradient(
        (x) => generalizedJsd(x, matrix(t), { beta: 0 }),
        matrix(z),
        q.map((each, k) => each - p[k]!),
      )
    })
  })

  it('at β = ½ is four times the classical one: symmetric, and at most 4 ln 2', () => {
    forAll([entries(4, 30), entries(4, 30)], (a, b) => {
      const one = generalizedJsd(matrix(b), matrix(a)).item()
      expect(generalizedJsd(matrix(a), matrix(b)).item()).toBeCloseTo(one, 9)
      expect(one).toBeLessThanOrEqual(4 * Math.LN2 + 1e-12)
    })
  })

  it('is finite, with its gradient, where both are sure beyond float32', () => {
    const z = tensor([[0, -300]], undefined, { requiresGrad: true })
    const loss = generalizedJsd(z, tensor([[0, -400]]))
    loss.backward()
    expect(loss.item()).toBe(0)
    expect(Array.from(z.grad!.view())).toEqual([0, 0])
  })

  it('throws on β outside [0, 1]', () => {
    for (const beta of [-0.1, 1.5, Number.NaN]) {
      expect(() => generalizedJsd(student, teacher, { beta })).toThrow(ValueError)
    }
    expect(() => generalizedJsd(student, teacher, { beta: 1.5 })).toThrow('beta is 1.5; expected a number from 0 to 1')
  })
})

describe('listNet', () => {
  const states = fc.integer({ min: 2, max: 6 }).chain((n) => fc.tuple(entries(n), entries(n)))

  it('is -τ² Σ p ln q over the states', () => {
    // p = (¾, ¼), q = (½, ½): ln 2
    expect(listNet(vector([0, 0]), vector([Math.log(3), 0])).item()).toBeCloseTo(Math.LN2, 12)
    // τ = 2, p = (¾, ¼), q = (¼, ¾): 4 (¾ ln 4 + ¼ ln 4/3)
    const two = 2 * Math.log(3)
    expect(listNet(vector([0, two]), vector([two, 0]), { temperature: 2 }).item()).toBeCloseTo(4.446565155811, 11)
    expect(listNet(matrix([0, 0], 2), matrix([Math.log(3), 0], 2)).item()).toBeCloseTo(Math.LN2, 12)
  })

  it('has the gradient τ (q - p), and none for the values', () => {
    forAll([states, fc.double({ min: 0.3, max: 3, noNaN: true })], { numRuns: 50 }, ([y, z], temperature) => {
      const values = tensor(Float64Array.from(y), undefined, { requiresGrad: true })
      const [p, q] = [shares(y, temperature), shares(z, temperature)]
      expectGradient(
        (x) => listNet(x, values, { temperature }),
        vector(z),
        q.map((each, i) => temperature * (each - p[i]!)),
      )
      expect(values.grad).toBeNull()
    })
  })

  it('does not change with a constant added to all outputs', () => {
    forAll([states, fc.double({ min: -9, max: 9, noNaN: true })], ([y, z], c) => {
      const moved = listNet(vector(z.map((v) => v + c)), vector(y)).item()
      expect(moved).toBeCloseTo(listNet(vector(z), vector(y)).item(), 8)
    })
  })

  it('at a high temperature has the gradient of the squared error of centred values', () => {
    const [y, z] = [
      [1, -0.5, 0.3, 2],
      [0.1, 0.9, -1, 0],
    ] as [number[], number[]]
    const centred = (v: number[]) => v.map((x) => x - v.reduce((a, b) => a + b) / v.length)
    expectGradient(
      (x) => listNet(x, vector(y), { temperature: 1e4 }),
      vector(z),
      centred(z).map((each, i) => (each - centred(y)[i]!) / 4),
      3,
    )
  })

  it('throws on a single state, which cannot be ranked, and on several outputs per state', () => {
    for (const [outputs, words] of [
      [vector([2]), /at least 2/],
      [matrix([1, 2, 3, 4], 2), /listNet: outputs are \[2, 2\]/],
    ] as const) {
      expect(() => listNet(outputs, outputs)).toThrow(ShapeError)
      expect(() => listNet(outputs, outputs)).toThrow(words)
    }
  })
})

describe('smoothedLogits', () => {
  it('are ln((1 - floor) p + floor / actions)', () => {
    // ⅘ (¾, ¼) + (1/10, 1/10) = (0.7, 0.3)
    expectNear(smoothedLogits(logits([0.75, 0.25]), 0.2).view(), [Math.log(0.7), Math.log(0.3)], 12)
  })

  it('give every action some probability, so that the reverse KL stays small where a sure teacher differs', () => {
    const sure = matrix([0, -500])
    const smoothed = smoothedLogits(sure)
    expectNear(softmax(smoothed).view(), [0.9995, 0.0005], 12)
    const undecided = matrix([0, 0])
    expect(reverseKl(undecided, sure).item()).toBeGreaterThan(200)
    expect(reverseKl(undecided, smoothed).item()).toBeLessThan(4)
  })

  it('are the policy itself without a floor, and uniform with a floor of 1', () => {
    const some = matrix([1, -1, 0.5])
    expect(forwardKl(smoothedLogits(some, 0), some).item()).toBeCloseTo(0, 12)
    expect(forwardKl(smoothedLogits(some, 1), matrix([0, 0, 0])).item()).toBeCloseTo(0, 12)
    expect(() => smoothedLogits(some, -0.1)).toThrow(/floor is -0.1/)
  })
})

it.each([0, -1, Number.NaN, Infinity])('listNet throws on a temperature of %s', (temperature) => {
  const column = vector([1, 2])
  expect(() => listNet(column, column, { temperature })).toThrow(ValueError)
  expect(() => listNet(column, column, { temperature })).toThrow(`temperature is ${temperature}`)
})
