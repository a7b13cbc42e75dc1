// The loss of each target: its gradient against central differences and in closed form, and examples worked out by hand.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { relabel } from '../../src/distill/dataset-operations.ts'
import type { TargetName } from '../../src/distill/targets/index.ts'
import type { Objective } from '../../src/distill/targets/target.ts'
import { checkGradient, Rng, tensor } from '../../src/tensor/index.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../support/golden.ts'
import { every, type Options, prepare } from './every-target.ts'
import { datasetOf, formulaDataset, gaussianDataset } from './formula-dataset.ts'

describe('the loss of every target', () => {
  const some = formulaDataset(4)
  const continuous = { gaussian: gaussianDataset(4, true), 'gaussian, reverse-kl': gaussianDataset(4, false) }
  const objectives: readonly [string, Objective<unknown>][] = [
    ...Object.entries(every).map(([name, [target, options]]) => [name, prepare(target, some, options)] as const),
    ['policy, gaussian', prepare('policy', continuous.gaussian)] as const,
    [
      'policy, gaussian, reverse-kl',
      prepare('policy', continuous['gaussian, reverse-kl'], { divergence: 'reverse-kl' }),
    ] as const,
    [
      'policy, actions',
      prepare('policy', relabel(continuous.gaussian, { mean: new Float32Array(8).fill(0.3) }, 'actions')),
    ] as const,
  ].map(([name, objective]) => [name, objective])
  const doubles = (values: ArrayLike<number>, width: number) =>
    tensor(Float64Array.from(values), [values.length / width, width])

  it.each(objectives)(
    '%s: has the gradient that central differences show',
    (name, { outputs, labels, width, loss }) => {
      const y = doubles(labels, width)
      const weights = tensor(Float64Array.of(0.4, 0.8, 1.2, 1.6))
      const isWeighted = name !== 'value-listnet'
      fc.assert(
        fc.property(fc.nat(9999), (seed) => {
          const rng = new Rng(seed)
          const z = doubles(
            Array.from({ length: 4 * outputs }, () => rng.normal()),
            outputs,
          )
          checkGradient((x) => loss(x, y), z, [0.7])
          if (isWeighted) checkGradient((x) => loss(x, y, weights), z, [-0.6])
        }),
        { numRuns: outputs > 10 ? 3 : 15 },
      )
    },
  )

  it.each(objectives)('%s: sends no gradient to the labels', (_, { outputs, labels, width, loss }) => {
    const leaf = (values: ArrayLike<number>, columns: number) =>
      tensor(Float32Array.from(values), [4, columns], { requiresGrad: true })
    const [z, y] = [leaf(new Float32Array(4 * outputs).fill(0.1), outputs), leaf(labels, width)]
    loss(z, y).backward()
    expect(y.grad).toBeNull()
    expect(z.grad).not.toBeNull()
  })
})

describe('closed forms of the gradients', () => {
  /** d loss / dz of one state with these action values, which are the labels as they are. */
  const gradientOf = (name: TargetName, options: Options, Q: readonly number[], z: readonly number[]) => {
    const { loss } = prepare(name, datasetOf([[0]], [Math.SQRT2, -Math.SQRT2]), options) // their deviation is √2
    const leaf = tensor(Float64Array.from(z), [1, z.length], { requiresGrad: true })
    loss(leaf, tensor(Float64Array.from(Q), [1, Q.length])).backward()
    return Array.from(leaf.grad!.view())
  }
  /** The temperature τ in units of the labels. */
  const at = (tau: number) => ({ temperature: { relative: tau } })
  const q = (z: readonly number[], tau = 1) => {
    const e = z.map((x) => Math.exp(x / tau))
    return e.map((x) => x / e.reduce((a, b) => a + b))
  }
  const numbers = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 })
  const temperatures = fc.double({ min: 0.3, max: 4, noNaN: true })
  const expectAll = (actual: readonly number[], expected: readonly number[], digits = 7) => {
    for (const [i, each] of actual.entries()) expect(each).toBeCloseTo(expected[i]!, digits)
  }

  it('q-softmax: τ (q - p), both softened', () => {
    fc.assert(
      fc.property(numbers, numbers, temperatures, (Q, z, tau) => {
        const p = q(Q, tau)
        expectAll(
          gradientOf('q-softmax', at(tau), Q, z),
          q(z, tau).map((each, k) => tau * (each - p[k]!)),
        )
      }),
    )
  })

  it('q-softmax at a high temperature matches centred action values: (z - Q) / actions', () => {
    const [Q, z] = [
      [1, -2, 0.5],
      [0.2, 0.1, -0.7],
    ]
    const centred = (v: readonly number[]) => v.map((x) => x - v.reduce((a, b) => a + b) / v.length)
    const expected = centred(z!).map((x, k) => (x - centred(Q!)[k]!) / 3)
    expectAll(gradientOf('q-softmax', at(1e4), Q!, z!), expected, 3)
  })

  it('q-softmax: τ² keeps the size of the gradient when the temperature doubles', () => {
    const size = (tau: number) => Math.hypot(...gradientOf('q-softmax', at(tau), [1, -2, 0.5], [0.3, -0.4, 0.1]))
    expect(size(40) / size(20)).toBeCloseTo(1, 1)
  })

  it('soft-and-hard: α τ (q - p), both softened, and the rest q - onehot', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.double({ min: 0, max: 1, noNaN: true }), (Q, z, alpha) => {
        const p = q(Q, 2)
        const best = Q.indexOf(Math.max(...Q))
        expectAll(
          gradientOf('soft-and-hard', { ...at(2), alpha }, Q, z),
          q(z, 2).map((soft, k) => alpha * 2 * (soft - p[k]!) + (1 - alpha) * (q(z)[k]! - (k === best ? 1 : 0))),
        )
      }),
    )
  })

  it('policy, hard: q - onehot', () => {
    fc.assert(
      fc.property(numbers, numbers, (Q, z) => {
        const best = Q.indexOf(Math.max(...Q))
        expectAll(
          gradientOf('policy', { divergence: 'hard' }, Q, z),
          q(z).map((each, k) => each - (k === best ? 1 : 0)),
        )
      }),
    )
  })

  it('q-mse and advantage-mse: z - y, and with the worked example ½ ‖(1, 2) - (0, 0)‖² = 2.5', () => {
    fc.assert(
      fc.property(numbers, numbers, (y, z) => {
        for (const name of ['q-mse', 'advantage-mse'] as const) {
          expectAll(
            gradientOf(name, {}, y, z),
            z.map((each, k) => each - y[k]!),
          )
        }
      }),
    )
    const { loss } = prepare('q-mse', formulaDataset(4))
    expect(loss(tensor([[1, 2]]), tensor([[0, 0]])).item()).toBe(2.5)
  })

  it('value-mse: z - y. value-huber: the same, cut to ±δ; a parabola near the label and a line beyond', () => {
    const huber = (z: number, delta = 1) =>
      prepare('value-huber', formulaDataset(4), { delta }).loss(tensor([[z]]), tensor([[0]]))
    expect(huber(0.5).item()).toBeCloseTo(0.125, 6)
    expect(huber(3).item()).toBeCloseTo(2.5, 6) // δ (|z| - δ/2)
    expect(huber(3, 2).item()).toBeCloseTo(4, 6)
    fc.assert(
      fc.property(numbers, numbers, fc.double({ min: 0.2, max: 4, noNaN: true }), ([y], [z], delta) => {
        expectAll(gradientOf('value-mse', {}, [y!], [z!]), [z! - y!])
        expectAll(gradientOf('value-huber', { delta }, [y!], [z!]), [Math.min(delta, Math.max(-delta, z! - y!))])
      }),
    )
  })

  it('value-two-hot and value-hl-gauss: q - p over the bins', () => {
    fc.assert(
      fc.property(numbers, numbers, (y, z) => {
        for (const name of ['value-two-hot', 'value-hl-gauss'] as const) {
          expectAll(
            gradientOf(name, { bins: 3 }, q(y), z),
            q(z).map((each, k) => each - q(y)[k]!),
          )
        }
      }),
    )
  })

  it('q-softmax agrees with PyTorch’s distillation loss', () => {
    for (const golden of goldenCases('losses.json').filter(({ op }) => op === 'kd')) {
      const outputs = fromGolden(golden.inputs.student_logits!, 'float64', true)
      const labels = fromGolden(golden.inputs.teacher_logits!, 'float64')
      const pair = datasetOf([[0]], [Math.SQRT2, -Math.SQRT2])
      const loss = prepare('q-softmax', pair, at(golden.attrs!.temperature as number)).loss(outputs, labels)
      const tolerance = { ...toleranceOf(golden, 'float64') }
      expectClose(loss, golden.outputs.loss!, tolerance, golden.name)
      loss.backward()
      expectClose(outputs.grad!, golden.grads!.student_logits!, tolerance, `${golden.name}: gradient`)
    }
  })
})
