// Each loss: an example worked out by hand, its closed-form gradient against central differences, and what holds for any numbers.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  binnedCrossEntropy,
  expectedRegret,
  generalizedJsd,
  listNet,
  smoothedLogits,
  softActorLoss,
} from '../../src/nn/losses/distillation.ts'
import {
  add,
  checkGradient,
  mul,
  ShapeError,
  softmax,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from '../../src/tensor/index.ts'

const entries = (n: number, size = 3) =>
  fc.array(fc.double({ min: -size, max: size, noNaN: true }), { minLength: n, maxLength: n })
const matrix = (values: ArrayLike<number>, rows: number) =>
  tensor(Float64Array.from(values), [rows, values.length / rows])
const vector = (values: ArrayLike<number>) => tensor(Float64Array.from(values))
const logitsOf = (...probabilities: number[]) => matrix(probabilities.map(Math.log), 1)
const softmaxOf = (z: readonly number[], tau = 1) => {
  const e = z.map((x) => Math.exp(x / tau))
  return e.map((x) => x / e.reduce((a, b) => a + b))
}
const gradientOf = (f: (z: Tensor) => Tensor, z: Tensor) => {
  const leaf = tensor(z.toArray(), z.shape, { requiresGrad: true })
  f(leaf).backward()
  return Array.from(leaf.grad!.view())
}
const expectAll = (actual: readonly number[], expected: readonly number[], digits = 9) => {
  expect(actual).toHaveLength(expected.length)
  for (const [i, each] of actual.entries()) expect(each).toBeCloseTo(expected[i]!, digits)
}
const temperatures = fc.double({ min: 0.3, max: 4, noNaN: true })

/** A batch of 1 to 4 states with 1 to 4 actions. */
const batches = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([rows, columns]) =>
  fc.record({
    rows: fc.constant(rows),
    labels: entries(rows * columns),
    outputs: entries(rows * columns),
    weights: fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: rows, maxLength: rows }),
    tau: fc.double({ min: 0.2, max: 5, noNaN: true }),
    w: fc.double({ min: -2, max: 2, noNaN: true }),
  }),
)

type PerAction = (z: Tensor, labels: Tensor, tau: number, sampleWeights?: Tensor) => Tensor

const perAction: Record<string, PerAction> = {
  'generalizedJsd, the forward KL': (z, y, _, sampleWeights) => generalizedJsd(z, y, { beta: 0, sampleWeights }),
  generalizedJsd: (z, y, tau, sampleWeights) => generalizedJsd(z, y, { beta: tau / 5.1, sampleWeights }),
  'generalizedJsd, the reverse KL': (z, y, _, sampleWeights) => generalizedJsd(z, y, { beta: 1, sampleWeights }),
  expectedRegret: (z, y, tau, sampleWeights) => expectedRegret(z, y, { unit: tau, sampleWeights }),
  'expectedRegret with entropy': (z, y, tau, sampleWeights) =>
    expectedRegret(z, y, { unit: tau, sampleWeights, entropyCoef: 0.3 }),
  softActorLoss: (z, y, tau, sampleWeights) => softActorLoss(z, y, { temperature: tau, sampleWeights }),
}

describe.each(Object.entries(perAction))('%s', (_, loss) => {
  it('has the gradient that central differences show, weighted or not', () => {
    fc.assert(
      fc.property(batches, ({ rows, labels, outputs, weights, tau, w }) => {
        const y = matrix(labels, rows)
        checkGradient((z) => loss(z, y, tau), matrix(outputs, rows), [w])
        checkGradient((z) => loss(z, y, tau, vector(weights)), matrix(outputs, rows), [w])
      }),
      { numRuns: 40 },
    )
  })

  it('sends no gradient to the labels', () => {
    const y = tensor([[1, 2]], undefined, { dtype: 'float64', requiresGrad: true })
    const z = tensor([[0.5, -1]], undefined, { dtype: 'float64', requiresGrad: true })
    loss(z, y, 0.7).backward()
    expect(y.grad).toBeNull()
    expect(z.grad).not.toBeNull()
  })

  it('is the mean over the states, weighted by the sample weights', () => {
    const [z, y] = [
      [0.5, -1, 2, 0],
      [1, 2, -1, 0.5],
    ]
    const each = [0, 1].map((i) =>
      loss(matrix(z!.slice(2 * i, 2 * i + 2), 1), matrix(y!.slice(2 * i, 2 * i + 2), 1), 0.7).item(),
    )
    expect(loss(matrix(z!, 2), matrix(y!, 2), 0.7).item()).toBeCloseTo((each[0]! + each[1]!) / 2, 12)
    expect(loss(matrix(z!, 2), matrix(y!, 2), 0.7, vector([0.5, 1.5])).item()).toBeCloseTo(
      (0.5 * each[0]! + 1.5 * each[1]!) / 2,
      12,
    )
  })

  it('does not change when a constant is added to the outputs of a state', () => {
    fc.assert(
      fc.property(batches, fc.double({ min: -5, max: 5, noNaN: true }), ({ rows, labels, outputs, tau }, c) => {
        const [z, y] = [matrix(outputs, rows), matrix(labels, rows)]
        expect(loss(add(z, c), y, tau).item()).toBeCloseTo(loss(z, y, tau).item(), 9)
      }),
    )
  })

  it('refuses outputs for another number of actions', () => {
    expect(() => loss(matrix([1, 2], 1), matrix([1, 2, 3], 1), 1)).toThrow(ShapeError)
    expect(() => loss(matrix([1, 2], 1), matrix([1, 2, 3], 1), 1)).toThrow(/\[1, 2\].*\[1, 3\]/)
  })
})

describe('the generalized Jensen-Shannon divergence', () => {
  const p = logitsOf(1 / 4, 3 / 4)
  const q = logitsOf(1 / 2, 1 / 2)
  const betas = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0.01, max: 0.99, noNaN: true }))
  const jsd = (beta: number, student = q, teacher = p) => generalizedJsd(student, teacher, { beta }).item()

  it('worked out by hand, p = (¼, ¾), q = (½, ½)', () => {
    // β = ½: m = (3/8, 5/8), KL(p ‖ m) = ¼ ln ⅔ + ¾ ln 6/5 = 0.035375, KL(q ‖ m) = ½ ln 4/3 + ½ ln ⅘ = 0.032269.
    expect(jsd(0.5)).toBeCloseTo(0.035375 / 0.5 + 0.032269 / 0.5, 5)
    // β = ¼: m = (7/16, 9/16), KL(p ‖ m) = ¼ ln 4/7 + ¾ ln 4/3 = 0.075858, KL(q ‖ m) = ½ ln 8/7 + ½ ln 8/9 = 0.007874.
    expect(jsd(0.25)).toBeCloseTo(0.075858 / 0.75 + 0.007874 / 0.25, 5)
    // β = 0: KL(p ‖ q) = ¼ ln ½ + ¾ ln 3/2 = 0.130812. β = 1: KL(q ‖ p) = ½ ln 2 + ½ ln ⅔ = 0.143841.
    expect(jsd(0)).toBeCloseTo(0.130812, 6)
    expect(jsd(1)).toBeCloseTo(0.143841, 6)
    // Agarwal et al. 2024, eq. 1, is β KL(p ‖ m) + (1 - β) KL(q ‖ m): the same times β (1 - β).
    expect(jsd(0.25) * 0.25 * 0.75).toBeCloseTo(0.25 * 0.075858 + 0.75 * 0.007874, 5)
  })

  it('goes from the forward to the reverse KL with no jump on the way', () => {
    expect(jsd(1e-5)).toBeCloseTo(jsd(0), 4)
    expect(jsd(1 - 1e-5)).toBeCloseTo(jsd(1), 4)
  })

  it('is zero between equals and positive otherwise', () => {
    fc.assert(
      fc.property(batches, betas, ({ rows, labels, outputs }, beta) => {
        expect(jsd(beta, matrix(labels, rows), matrix(labels, rows))).toBeCloseTo(0, 9)
        expect(jsd(beta, matrix(outputs, rows), matrix(labels, rows))).toBeGreaterThanOrEqual(-1e-9)
      }),
    )
  })

  it('at β = ½ is symmetric, and at most 4 ln 2', () => {
    fc.assert(
      fc.property(entries(4, 30), entries(4, 30), (a, b) => {
        const one = jsd(0.5, matrix(a, 1), matrix(b, 1))
        expect(jsd(0.5, matrix(b, 1), matrix(a, 1))).toBeCloseTo(one, 9)
        expect(one).toBeLessThanOrEqual(4 * Math.LN2 + 1e-12)
      }),
    )
  })

  it('covers at 0 or settles at 1: the forward KL punishes a mode that is missed, the reverse KL does not', () => {
    const teacher = matrix([2, 2, -8], 1) // two equally good actions
    const settled = matrix([4, -4, -8], 1) // the student took one
    expect(jsd(0, settled, teacher)).toBeGreaterThan(3 * jsd(1, settled, teacher))
  })

  it('forward: gradient q - p. Reverse: q_k (ln(q_k / p_k) - KL)', () => {
    fc.assert(
      fc.property(entries(3), entries(3), (y, z) => {
        const [teacher, student] = [softmaxOf(y), softmaxOf(z)]
        const gradient = (beta: number) => gradientOf((x) => generalizedJsd(x, matrix(y, 1), { beta }), matrix(z, 1))
        expectAll(
          gradient(0),
          student.map((each, k) => each - teacher[k]!),
        )
        const kl = student.reduce((total, each, k) => total + each * Math.log(each / teacher[k]!), 0)
        expectAll(
          gradient(1),
          student.map((each, k) => each * (Math.log(each / teacher[k]!) - kl)),
        )
      }),
    )
  })

  it('is finite, gradient and all, where both are sure beyond float32', () => {
    const z = tensor([[0, -300]], undefined, { requiresGrad: true })
    generalizedJsd(z, tensor([[0, -400]]), { beta: 0.5 }).backward()
    expect(Array.from(z.grad!.view())).toEqual([0, 0])
  })

  it('refuses a β outside of [0, 1]', () => {
    expect(() => jsd(1.5)).toThrow(/beta is 1.5; expected a number from 0 to 1/)
  })
})

describe('expected regret', () => {
  it('worked out by hand, q = (¼, ¾), Q = (1, 3)', () => {
    const q = logitsOf(1 / 4, 3 / 4)
    expect(expectedRegret(q, matrix([1, 3], 1)).item()).toBeCloseTo(0.5, 12) // ¼ (3 - 1)
    expect(expectedRegret(q, matrix([1, 3], 1), { unit: 2 }).item()).toBeCloseTo(0.25, 12)
    // H = -¼ ln ¼ - ¾ ln ¾ = 0.562335
    const withEntropy = expectedRegret(q, matrix([1, 3], 1), { unit: 2, entropyCoef: 0.1 }).item()
    expect(withEntropy).toBeCloseTo(0.25 - 0.0562335, 6)
  })

  it('has the gradient q_k (Σ q Q - Q_k) / unit', () => {
    fc.assert(
      fc.property(entries(3), entries(3), (Q, z) => {
        const q = softmaxOf(z)
        const expected = q.reduce((total, each, k) => total + each * Q[k]!, 0)
        expectAll(
          gradientOf((x) => expectedRegret(x, matrix(Q, 1), { unit: 2 }), matrix(z, 1)),
          q.map((each, k) => (each * (expected - Q[k]!)) / 2),
        )
      }),
    )
  })

  it('refuses a unit that is not positive', () => {
    const one = matrix([1, 2], 1)
    for (const unit of [0, -1, Number.NaN, Infinity]) {
      expect(() => expectedRegret(one, one, { unit })).toThrow(new RegExp(`unit is ${unit}`))
    }
  })
})

describe('the soft actor loss', () => {
  const value = (z: readonly number[], Q: readonly number[], temperature: number) =>
    softActorLoss(matrix(z, 1), matrix(Q, 1), { temperature }).item()

  it('worked out by hand, q = (¼, ¾), Q = (1, 3), τ = ½: -(Σ q Q + τ H) = -(2.5 + ½ · 0.562335)', () => {
    expect(value([Math.log(1 / 4), Math.log(3 / 4)], [1, 3], 0.5)).toBeCloseTo(-2.7811675, 6)
  })

  it('has the gradient q_k (Σ q Q - Q_k + τ (ln q_k + H)), τ times that of KL(q ‖ softmax(Q/τ))', () => {
    fc.assert(
      fc.property(entries(4), entries(4), temperatures, (Q, z, tau) => {
        const q = softmaxOf(z)
        const expected = q.reduce((total, each, k) => total + each * Q[k]!, 0)
        const entropy = -q.reduce((total, each) => total + each * Math.log(each), 0)
        const gradient = gradientOf((x) => softActorLoss(x, matrix(Q, 1), { temperature: tau }), matrix(z, 1))
        expectAll(
          gradient,
          q.map((each, k) => each * (expected - Q[k]! + tau * (Math.log(each) + entropy))),
        )
        const reverse = gradientOf((x) => generalizedJsd(x, mul(matrix(Q, 1), 1 / tau), { beta: 1 }), matrix(z, 1))
        expectAll(
          gradient,
          reverse.map((each) => tau * each),
        )
      }),
    )
  })

  it('is τ KL(q ‖ softmax(Q/τ)) - τ ln Σ e^(Q/τ), and its negative Σ q Q + τ H(q)', () => {
    fc.assert(
      fc.property(entries(4), entries(4), temperatures, (Q, z, tau) => {
        const kl = generalizedJsd(matrix(z, 1), mul(matrix(Q, 1), 1 / tau), { beta: 1 }).item()
        const logSum = Math.log(Q.reduce((total, each) => total + Math.exp(each / tau), 0))
        expect(value(z, Q, tau)).toBeCloseTo(tau * (kl - logSum), 8)
        const q = softmax(matrix(z, 1))
        const entropy = -Array.from(q.view()).reduce((total, each) => total + each * Math.log(each), 0)
        expect(value(z, Q, tau)).toBeCloseTo(-(sum(mul(q, matrix(Q, 1))).item() + tau * entropy), 8)
      }),
    )
  })
})

describe('ListNet', () => {
  const states = fc.integer({ min: 2, max: 6 }).chain((n) => fc.tuple(entries(n), entries(n)))
  const value = (z: readonly number[], u: readonly number[], temperature = 1) =>
    listNet(vector(z), vector(u), { temperature }).item()

  it('worked out by hand, V = (0, ln 3): p = (¼, ¾)', () => {
    expect(value([0, 0], [0, Math.log(3)])).toBeCloseTo(Math.LN2, 12) // q = (½, ½)
    expect(value([Math.log(3), 0], [0, Math.log(3)])).toBeCloseTo(0.25 * Math.log(4 / 3) + 0.75 * Math.log(4), 12)
    expect(value([0, 0], [0, Math.log(3)], 2)).toBeCloseTo(4 * Math.LN2, 12) // τ² = 4
  })

  it('has its closed-form gradient τ (q - p)', () => {
    fc.assert(
      fc.property(states, temperatures, ([u, z], tau) => {
        const loss = (x: Tensor) => listNet(x, vector(u), { temperature: tau })
        checkGradient(loss, vector(z), [1])
        const [p, q] = [softmaxOf(u, tau), softmaxOf(z, tau)]
        expectAll(
          gradientOf(loss, vector(z)),
          q.map((each, i) => tau * (each - p[i]!)),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('takes columns [batch, 1] as well', () => {
    expect(listNet(tensor([[1], [2]]), tensor([[0], [3]])).item()).toBe(listNet(tensor([1, 2]), tensor([0, 3])).item())
  })

  it('is unchanged when all outputs move together', () => {
    fc.assert(
      fc.property(states, fc.double({ min: -9, max: 9, noNaN: true }), ([u, z], c) => {
        expect(
          value(
            z.map((each) => each + c),
            u,
          ),
        ).toBeCloseTo(value(z, u), 8)
      }),
    )
  })

  it('at a high temperature has the gradient of the centred squared error', () => {
    const [u, z] = [
      [1, -0.5, 0.3, 2],
      [0.1, 0.9, -1, 0],
    ] as const
    const centred = (v: readonly number[]) => v.map((x) => x - v.reduce((a, b) => a + b) / v.length)
    const gradient = gradientOf((x) => listNet(x, vector(u), { temperature: 1e4 }), vector(z))
    expectAll(
      gradient,
      centred(z).map((each, i) => (each - centred(u)[i]!) / 4),
      3,
    )
  })

  it('sends no gradient to the labels', () => {
    const y = tensor([1, 2], undefined, { dtype: 'float64', requiresGrad: true })
    listNet(tensor(Float64Array.of(0, 1), undefined, { requiresGrad: true }), y).backward()
    expect(y.grad).toBeNull()
  })

  it('refuses a batch of one, which has nothing to rank', () => {
    expect(() => listNet(vector([2]), vector([1]))).toThrow(ShapeError)
    expect(() => listNet(vector([2]), vector([1]))).toThrow(/at least 2/)
  })
})

describe('cross-entropy over bins', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 4 }))
  const inputs = sizes.chain(([batch, values, bins]) =>
    fc.record({
      shape: fc.constant({ batch, bins }),
      p: entries(batch * values * bins),
      z: entries(batch * values * bins),
      weights: fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: batch, maxLength: batch }),
    }),
  )
  const perValue = (z: readonly number[], bins: number) => Array.from(softmax(matrix(z, z.length / bins)).view())

  it('worked out by hand: two values of two bins, p = (¼, ¾ | 1, 0), q = (½, ½ | ¼, ¾)', () => {
    // -¼ ln ½ - ¾ ln ½ - ln ¼ = ln 2 + 2 ln 2
    const loss = binnedCrossEntropy(matrix([0, 0, 0, Math.log(3)], 1), matrix([0.25, 0.75, 1, 0], 1), { bins: 2 })
    expect(loss.item()).toBeCloseTo(3 * Math.LN2, 12)
  })

  it('has the gradient (q - p) / batch in every bin of every value', () => {
    fc.assert(
      fc.property(inputs, ({ shape: { batch, bins }, p, z, weights }) => {
        const labels = matrix(perValue(p, bins), batch)
        const loss = (x: Tensor) => binnedCrossEntropy(x, labels, { bins })
        checkGradient(loss, matrix(z, batch), [1])
        const weighted = { bins, sampleWeights: vector(weights) }
        checkGradient((x) => binnedCrossEntropy(x, labels, weighted), matrix(z, batch), [-0.7])
        const q = perValue(z, bins)
        expectAll(
          gradientOf(loss, matrix(z, batch)),
          q.map((each, i) => (each - labels.view()[i]!) / batch),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('sends no gradient to the labels', () => {
    const y = tensor([[0.5, 0.5]], undefined, { dtype: 'float64', requiresGrad: true })
    binnedCrossEntropy(tensor([[1, 0]], undefined, { dtype: 'float64', requiresGrad: true }), y, { bins: 2 }).backward()
    expect(y.grad).toBeNull()
  })

  it('refuses outputs that the bins do not divide', () => {
    const three = matrix([1, 2, 3], 1)
    expect(() => binnedCrossEntropy(three, three, { bins: 2 })).toThrow(ShapeError)
    expect(() => binnedCrossEntropy(three, three, { bins: 2 })).toThrow(/in bins of 2/)
  })
})

describe('smoothed logits', () => {
  it('worked out by hand: ln(0.999 p + 0.001 / 2) of p = (¼, ¾)', () => {
    const smoothed = smoothedLogits(logitsOf(1 / 4, 3 / 4)).view()
    expect(smoothed[0]).toBeCloseTo(Math.log(0.25025), 12)
    expect(smoothed[1]).toBeCloseTo(Math.log(0.74975), 12)
  })

  it('leave every action some probability, so that the reverse KL to a sure teacher stays small', () => {
    const sure = matrix([0, -500], 1)
    const smoothed = smoothedLogits(sure, 1e-3)
    expectAll(Array.from(softmax(smoothed).view()), [0.9995, 0.0005], 12)
    const undecided = matrix([0, 0], 1)
    expect(generalizedJsd(undecided, sure, { beta: 1 }).item()).toBeGreaterThan(200)
    expect(generalizedJsd(undecided, smoothed, { beta: 1 }).item()).toBeLessThan(4)
  })

  it('are the policy itself without a floor, and uniform with a floor of 1', () => {
    const logits = matrix([1, -1, 0.5], 1)
    expect(generalizedJsd(smoothedLogits(logits, 0), logits, { beta: 0 }).item()).toBeCloseTo(0, 12)
    expect(generalizedJsd(smoothedLogits(logits, 1), matrix([0, 0, 0], 1), { beta: 0 }).item()).toBeCloseTo(0, 12)
    expect(() => smoothedLogits(logits, -0.1)).toThrow(/floor is -0.1/)
  })
})

describe('bad input', () => {
  it.each([0, -1, Number.NaN, Infinity])('a temperature of %s is refused', (temperature) => {
    const [one, two] = [matrix([1, 2], 1), vector([1, 2])]
    for (const loss of [() => softActorLoss(one, one, { temperature }), () => listNet(two, two, { temperature })]) {
      expect(loss).toThrow(ValueError)
      expect(loss).toThrow(new RegExp(`temperature is ${temperature}`))
    }
  })
})
