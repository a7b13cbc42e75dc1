// Each loss: an example, its closed-form gradient against central differences, and what must hold for any numbers.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as losses from '../../src/distill/losses.ts'
import {
  add,
  checkGradient,
  DTypeError,
  mean,
  mul,
  ShapeError,
  softmax,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from '../../src/tensor/index.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../support/golden.ts'

const entries = (n: number, size = 3) =>
  fc.array(fc.double({ min: -size, max: size, noNaN: true }), { minLength: n, maxLength: n })
const matrix = (values: number[], rows: number) => tensor(values, [rows, values.length / rows], { dtype: 'float64' })
const vector = (values: number[]) => tensor(values, [values.length], { dtype: 'float64' })

/** A batch of 1 to 4 states with 1 to 4 actions: what the teacher says, and what the student does. */
const batches = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([rows, columns]) =>
  fc.record({
    rows: fc.constant(rows),
    teacher: entries(rows * columns),
    student: entries(rows * columns),
    weights: fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: rows, maxLength: rows }),
    tau: fc.double({ min: 0.2, max: 5, noNaN: true }),
    w: fc.double({ min: -2, max: 2, noNaN: true }),
  }),
)

type PerAction = (teacher: Tensor, student: Tensor, tau: number, weights?: Tensor) => Tensor

const perAction: Record<string, PerAction> = {
  softCrossEntropy: (t, s, _, w) => losses.softCrossEntropy(softmax(t), s, w),
  forwardKL: (t, s, _, w) => losses.forwardKL(t, s, w),
  reverseKL: (t, s, _, w) => losses.reverseKL(t, s, w),
  softKL: (t, s, tau, w) => losses.softKL(t, s, tau, w),
  softKLSymmetric: (t, s, tau, w) => losses.softKLSymmetric(t, s, tau, w),
  squaredError: (t, s, _, w) => losses.squaredError(t, s, w),
  huberError: (t, s, tau, w) => losses.huberError(t, s, tau, w),
  jensenShannon: (t, s, tau, w) => losses.jensenShannon(t, s, tau / 5.1, w),
  softAndHard: (t, s, tau, w) => losses.softAndHard(t, s, tau, 0.8, w),
  teacherCritic: (t, s, tau, w) => losses.teacherCritic(t, s, tau, w),
  regret: (t, s, tau, w) => losses.regret(t, s, tau, w),
  'regret with an entropy bonus': (t, s, tau, w) => losses.regret(t, s, tau, w, 0.3),
  hardLabels: (t, s, _, w) => losses.hardLabels(t, s, w),
}

describe.each(Object.entries(perAction))('%s', (_, loss) => {
  it('has the gradient its central difference shows, weighted or not', () => {
    fc.assert(
      fc.property(batches, ({ rows, teacher, student, weights, tau, w }) => {
        const labels = matrix(teacher, rows)
        checkGradient((z) => loss(labels, z, tau), matrix(student, rows), [w])
        checkGradient((z) => loss(labels, z, tau, vector(weights)), matrix(student, rows), [w])
      }),
      { numRuns: 40 },
    )
  })

  it('sends no gradient to the teacher', () => {
    const labels = tensor([[1, 2]], undefined, { dtype: 'float64', requiresGrad: true })
    const z = tensor([[0.5, -1]], undefined, { dtype: 'float64', requiresGrad: true })
    loss(labels, z, 0.7).backward()
    expect(labels.grad).toBeNull()
    expect(z.grad).not.toBeNull()
  })

  it('refuses a student with another number of actions', () => {
    expect(() => loss(matrix([1, 2, 3], 1), matrix([1, 2], 1), 1)).toThrow(/labels are \[1, 3\].*outputs \[1, 2\]/)
  })
})

describe('closed forms of the gradients', () => {
  const gradientOf = (f: (z: Tensor) => Tensor, z: Tensor) => {
    const leaf = tensor(z.toArray(), z.shape, { requiresGrad: true })
    f(leaf).backward()
    return Array.from(leaf.grad!.view())
  }
  const q = (z: number[], tau = 1) => {
    const e = z.map((v) => Math.exp(v / tau))
    return e.map((v) => v / e.reduce((a, b) => a + b))
  }
  const close = (got: number[], want: number[]) => {
    expect(got).toHaveLength(want.length)
    for (const [i, g] of got.entries()) expect(g).toBeCloseTo(want[i]!, 9)
  }

  it('softKL: q - p with p = softmax(Q/τ)', () => {
    fc.assert(
      fc.property(entries(3), entries(3), fc.double({ min: 0.3, max: 4, noNaN: true }), (Q, z, tau) => {
        const p = q(Q, tau)
        close(
          gradientOf((x) => losses.softKL(matrix(Q, 1), x, tau), matrix(z, 1)),
          q(z).map((each, k) => each - p[k]!),
        )
      }),
    )
  })

  it('softKLSymmetric: τ (q - p), both softened', () => {
    fc.assert(
      fc.property(entries(3), entries(3), fc.double({ min: 0.3, max: 4, noNaN: true }), (Q, z, tau) => {
        const p = q(Q, tau)
        close(
          gradientOf((x) => losses.softKLSymmetric(matrix(Q, 1), x, tau), matrix(z, 1)),
          q(z, tau).map((each, k) => tau * (each - p[k]!)),
        )
      }),
    )
  })

  it('softKLSymmetric at a high temperature matches centred logits: (z - Q) / K', () => {
    const Q = [1, -2, 0.5]
    const z = [0.2, 0.1, -0.7]
    const centred = (v: number[]) => v.map((x) => x - v.reduce((a, b) => a + b) / v.length)
    const got = gradientOf((x) => losses.softKLSymmetric(matrix(Q, 1), x, 1e4), matrix(z, 1))
    const want = centred(z).map((x, k) => (x - centred(Q)[k]!) / 3)
    for (const [i, g] of got.entries()) expect(g).toBeCloseTo(want[i]!, 3)
  })

  it('τ² keeps the gradient’s size when the temperature doubles; without it a quarter is left', () => {
    const size = (f: (z: Tensor) => Tensor) => Math.hypot(...gradientOf(f, matrix([0.3, -0.4, 0.1], 1)))
    const Q = matrix([1, -2, 0.5], 1)
    const symmetric = (tau: number) => size((z) => losses.softKLSymmetric(Q, z, tau))
    expect(symmetric(40) / symmetric(20)).toBeCloseTo(1, 1)
    const bare = (tau: number) => size((z) => losses.forwardKL(mul(Q, 1 / tau), mul(z, 1 / tau)))
    expect(bare(40) / bare(20)).toBeCloseTo(0.25, 1)
  })

  it('softAndHard: α τ (q - p), both softened, and the rest q - onehot', () => {
    fc.assert(
      fc.property(entries(3), entries(3), fc.double({ min: 0, max: 1, noNaN: true }), (Q, z, alpha) => {
        const p = q(Q, 2)
        const best = Q.indexOf(Math.max(...Q))
        close(
          gradientOf((x) => losses.softAndHard(matrix(Q, 1), x, 2, alpha), matrix(z, 1)),
          q(z, 2).map((soft, k) => alpha * 2 * (soft - p[k]!) + (1 - alpha) * (q(z)[k]! - (k === best ? 1 : 0))),
        )
      }),
    )
  })

  it('reverseKL: q_k (ln(q_k / p_k) - KL)', () => {
    fc.assert(
      fc.property(entries(3), entries(3), (logits, z) => {
        const p = q(logits)
        const share = q(z)
        const kl = share.reduce((sum, each, k) => sum + each * Math.log(each / p[k]!), 0)
        close(
          gradientOf((x) => losses.reverseKL(matrix(logits, 1), x), matrix(z, 1)),
          share.map((each, k) => each * (Math.log(each / p[k]!) - kl)),
        )
      }),
    )
  })

  it('teacherCritic: q_k (Σ q Q - Q_k + τ (ln q_k + H)), which is τ times reverseKL’s to softmax(Q/τ)', () => {
    fc.assert(
      fc.property(entries(4), entries(4), fc.double({ min: 0.3, max: 4, noNaN: true }), (Q, z, tau) => {
        const share = q(z)
        const expected = share.reduce((sum, each, k) => sum + each * Q[k]!, 0)
        const entropy = -share.reduce((sum, each) => sum + each * Math.log(each), 0)
        const critic = gradientOf((x) => losses.teacherCritic(matrix(Q, 1), x, tau), matrix(z, 1))
        close(
          critic,
          share.map((each, k) => each * (expected - Q[k]! + tau * (Math.log(each) + entropy))),
        )
        const policy = gradientOf((x) => losses.reverseKL(mul(matrix(Q, 1), 1 / tau), x), matrix(z, 1))
        close(
          critic,
          policy.map((g) => tau * g),
        )
      }),
    )
  })

  it('regret: q_k (Σ q Q - Q_k) / gap', () => {
    fc.assert(
      fc.property(entries(3), entries(3), (Q, z) => {
        const share = q(z)
        const expected = share.reduce((sum, each, k) => sum + each * Q[k]!, 0)
        close(
          gradientOf((x) => losses.regret(matrix(Q, 1), x, 2), matrix(z, 1)),
          share.map((each, k) => (each * (expected - Q[k]!)) / 2),
        )
      }),
    )
  })
})

describe('divergences', () => {
  it('are zero between equals and positive otherwise', () => {
    fc.assert(
      fc.property(batches, ({ rows, teacher, student }) => {
        for (const divergence of [losses.forwardKL, losses.reverseKL, losses.jensenShannon]) {
          expect(divergence(matrix(teacher, rows), matrix(teacher, rows)).item()).toBeCloseTo(0, 12)
          expect(divergence(matrix(teacher, rows), matrix(student, rows)).item()).toBeGreaterThanOrEqual(-1e-12)
        }
      }),
    )
  })

  it('do not change when a constant is added to a state’s logits, and no more does any loss of a policy', () => {
    const ofPolicies = Object.entries(perAction).filter(([name]) => !/squared|huber/.test(name))
    fc.assert(
      fc.property(batches, fc.double({ min: -5, max: 5, noNaN: true }), ({ rows, teacher, student, tau }, c) => {
        const labels = matrix(teacher, rows)
        const z = matrix(student, rows)
        for (const [name, loss] of ofPolicies) {
          expect(loss(labels, add(z, c), tau).item(), name).toBeCloseTo(loss(labels, z, tau).item(), 9)
        }
      }),
    )
  })

  it('cover or settle: forward KL minds a missed way, reverse KL does not', () => {
    const teacher = matrix([2, 2, -8], 1) // two equally good ways
    const settled = matrix([4, -4, -8], 1) // the student took one
    expect(losses.forwardKL(teacher, settled).item()).toBeGreaterThan(3 * losses.reverseKL(teacher, settled).item())
  })

  it('agree with PyTorch’s distillation loss', () => {
    for (const golden of goldenCases('losses.json').filter(({ op }) => op === 'kd')) {
      const student = fromGolden(golden.inputs.student_logits!, 'float64', true)
      const teacher = fromGolden(golden.inputs.teacher_logits!, 'float64')
      const loss = losses.softKLSymmetric(teacher, student, golden.attrs!.temperature as number)
      const tolerance = toleranceOf(golden, 'float64')
      expectClose(loss, golden.outputs.loss!, tolerance, golden.name)
      loss.backward()
      expectClose(student.grad!, golden.grads!.student_logits!, tolerance, `${golden.name}: gradient`)
    }
  })
})

describe('over states', () => {
  const states = fc.integer({ min: 2, max: 6 }).chain((n) => fc.tuple(entries(n), entries(n)))

  it('listwise has its closed-form gradient τ (q - p)', () => {
    fc.assert(
      fc.property(states, fc.double({ min: 0.3, max: 3, noNaN: true }), ([u, z], tau) => {
        checkGradient((x) => losses.listwise(vector(u), x, tau), vector(z), [1])
        const leaf = tensor(Float64Array.from(z), undefined, { requiresGrad: true })
        losses.listwise(vector(u), leaf, tau).backward()
        const p = softmax(vector(u.map((v) => v / tau))).view()
        const q = softmax(vector(z.map((v) => v / tau))).view()
        for (const [i, g] of leaf.grad!.view().entries()) expect(g).toBeCloseTo(tau * (q[i]! - p[i]!), 9)
      }),
      { numRuns: 50 },
    )
  })

  it('listwise is unchanged when all outputs move together', () => {
    fc.assert(
      fc.property(states, fc.double({ min: -9, max: 9, noNaN: true }), ([u, z], c) => {
        const moved = losses.listwise(vector(u), vector(z.map((v) => v + c))).item()
        expect(moved).toBeCloseTo(losses.listwise(vector(u), vector(z)).item(), 8)
      }),
    )
  })

  it('listwise at a high temperature has the gradient of the centred squared error', () => {
    const u = [1, -0.5, 0.3, 2]
    const z = [0.1, 0.9, -1, 0]
    const leaf = tensor(Float64Array.from(z), undefined, { requiresGrad: true })
    losses.listwise(vector(u), leaf, 1e4).backward()
    const centred = (v: number[]) => v.map((x) => x - v.reduce((a, b) => a + b) / v.length)
    for (const [i, g] of leaf.grad!.view().entries()) expect(g).toBeCloseTo((centred(z)[i]! - centred(u)[i]!) / 4, 3)
  })

  it('listwise refuses a batch of one, which has nothing to rank', () => {
    expect(() => losses.listwise(vector([1]), vector([2]))).toThrow(ShapeError)
    expect(() => losses.listwise(vector([1]), vector([2]))).toThrow(/at least 2/)
  })

  it('literal has the gradient q - p; literalKeras has exactly none', () => {
    fc.assert(
      fc.property(states, ([y, z]) => {
        checkGradient((x) => losses.literal(vector(y), x), vector(z), [1])
        const safe = z.map((v) => (Math.abs(v) < 1e-3 ? 1 : v))
        const leaf = tensor(Float64Array.from(safe), undefined, { requiresGrad: true })
        const loss = losses.literalKeras(vector(y), leaf)
        expect(Math.abs(loss.item())).toBe(0)
        loss.backward()
        for (const g of leaf.grad!.view()) expect(Math.abs(g)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})

describe('between forward and reverse', () => {
  const teacher = matrix([1, 0, -1], 1)
  const student = matrix([-0.5, 0.2, 0], 1)

  it('the Jensen-Shannon divergence has forward KL at β = 0 and reverse KL at β = 1, with no jump on the way', () => {
    const js = (beta: number) => losses.jensenShannon(teacher, student, beta).item()
    expect(js(0)).toBe(losses.forwardKL(teacher, student).item())
    expect(js(1)).toBe(losses.reverseKL(teacher, student).item())
    expect(js(1e-5)).toBeCloseTo(js(0), 4)
    expect(js(1 - 1e-5)).toBeCloseTo(js(1), 4)
  })

  it('β = ½ is four times the classical one: symmetric, and at most 4 ln 2', () => {
    fc.assert(
      fc.property(entries(4, 30), entries(4, 30), (a, b) => {
        const one = losses.jensenShannon(matrix(a, 1), matrix(b, 1)).item()
        expect(losses.jensenShannon(matrix(b, 1), matrix(a, 1)).item()).toBeCloseTo(one, 9)
        expect(one).toBeLessThanOrEqual(4 * Math.LN2 + 1e-12)
      }),
    )
    const p = [0.25, 0.75]
    const q = [0.5, 0.5]
    const half = p.reduce((sum, pk, k) => {
      const m = (pk + q[k]!) / 2
      return sum + (pk * Math.log(pk / m) + q[k]! * Math.log(q[k]! / m)) / 2
    }, 0)
    const logits = (v: number[]) => matrix(v.map(Math.log), 1)
    expect(losses.jensenShannon(logits(p), logits(q)).item()).toBeCloseTo(4 * half, 12)
  })

  it('is finite, gradient and all, where both are sure beyond float32', () => {
    const sure = tensor([[0, -400]])
    const z = tensor([[0, -300]], undefined, { requiresGrad: true })
    losses.jensenShannon(sure, z, 0.5).backward()
    expect(Array.from(z.grad!.view())).toEqual([0, 0])
  })

  it('refuses a β outside of [0, 1]', () => {
    expect(() => losses.jensenShannon(teacher, student, 1.5)).toThrow(/beta is 1.5; it must be from 0 to 1/)
  })
})

describe('flooredLogits', () => {
  it('leaves every action a share, so that the reverse divergence stays small where a sure teacher is left', () => {
    const sure = matrix([0, -500], 1)
    const floored = losses.flooredLogits(sure, 1e-3)
    const p = softmax(floored).view()
    expect(p[0]).toBeCloseTo(0.9995, 12)
    expect(p[1]).toBeCloseTo(0.0005, 12)
    const undecided = matrix([0, 0], 1)
    expect(losses.reverseKL(sure, undecided).item()).toBeGreaterThan(200)
    expect(losses.reverseKL(floored, undecided).item()).toBeLessThan(4)
  })

  it('is the teacher’s own policy without a floor, and uniform with a floor of 1', () => {
    const logits = matrix([1, -1, 0.5], 1)
    expect(losses.forwardKL(logits, losses.flooredLogits(logits, 0)).item()).toBeCloseTo(0, 12)
    expect(losses.forwardKL(matrix([0, 0, 0], 1), losses.flooredLogits(logits, 1)).item()).toBeCloseTo(0, 12)
    expect(() => losses.flooredLogits(logits, -0.1)).toThrow(/floor is -0.1/)
  })
})

describe('one identity behind two objectives', () => {
  it('teacherCritic = τ KL(q ‖ softmax(Q/τ)) - τ ln Σ e^(Q/τ)', () => {
    fc.assert(
      fc.property(entries(4), entries(4), fc.double({ min: 0.3, max: 3, noNaN: true }), (Q, z, tau) => {
        const kl = losses.reverseKL(mul(matrix(Q, 1), 1 / tau), matrix(z, 1)).item()
        const logSum = Math.log(Q.reduce((s, v) => s + Math.exp(v / tau), 0))
        expect(losses.teacherCritic(matrix(Q, 1), matrix(z, 1), tau).item()).toBeCloseTo(tau * (kl - logSum), 8)
      }),
    )
  })

  it('Σ q Q + τ H(q) = -τ KL(q ‖ softmax(Q/τ)) + τ ln Σ e^(Q/τ)', () => {
    fc.assert(
      fc.property(entries(4), entries(4), fc.double({ min: 0.3, max: 3, noNaN: true }), (Q, z, tau) => {
        const share = softmax(matrix(z, 1))
        const expected = sum(mul(share, matrix(Q, 1))).item()
        const entropy = -Array.from(share.view()).reduce((s, p) => s + p * Math.log(p), 0)
        const kl = losses
          .reverseKL(
            matrix(
              Q.map((v) => v / tau),
              1,
            ),
            matrix(z, 1),
          )
          .item()
        const logSum = Math.log(Q.reduce((s, v) => s + Math.exp(v / tau), 0))
        expect(expected + tau * entropy).toBeCloseTo(-tau * kl + tau * logSum, 8)
      }),
    )
  })
})

describe('playedReturns', () => {
  it('learns the return of the played action alone', () => {
    const played = matrix([0, 1, 0, 3], 1) // action 1 was played and returned 3
    expect(losses.playedReturns(played, matrix([9, 1], 1)).item()).toBe(2) // ½ (1 - 3)²
    fc.assert(
      fc.property(entries(2), entries(1), (z, [g]) => {
        checkGradient((x) => losses.playedReturns(matrix([1, 0, g!, 0], 1), x), matrix(z, 1), [1])
      }),
    )
  })
})

describe('bad input', () => {
  it.each([0, -1, Number.NaN, Infinity])('a temperature of %s is refused', (tau) => {
    const one = matrix([1, 2], 1)
    for (const loss of [
      losses.softKL,
      losses.softKLSymmetric,
      losses.softAndHard,
      losses.regret,
      losses.teacherCritic,
    ]) {
      expect(() => loss(one, one, tau)).toThrow(ValueError)
      expect(() => loss(one, one, tau)).toThrow(new RegExp(`temperature is ${tau}`))
    }
    expect(() => losses.listwise(vector([1, 2]), vector([1, 2]), tau)).toThrow(ValueError)
  })

  it('a mixture takes a share from 0 to 1', () => {
    const a = mean(vector([1]))
    const b = mean(vector([3]))
    expect(losses.mixture(a, b, 0.75).item()).toBe(1.5)
    expect(() => losses.mixture(a, b, 1.1)).toThrow(/share is 1.1/)
  })

  it('tensors of two element types do not mix', () => {
    expect(() => losses.squaredError(tensor([1, 2]), vector([1, 2]))).toThrow(DTypeError)
  })
})
