import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  calculateGain,
  defaultLinearInit,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  type Nonlinearity,
  normalInit,
  orthogonal,
  uniformInit,
  xavierNormal,
  xavierUniform,
} from '../../src/nn/init.ts'
import { Rng } from '../../src/tensor/random.ts'
import { goldenCases } from '../support/golden.ts'
import { forAll } from '../support/property.ts'

interface InitCase {
  readonly name: string
  readonly op: 'init' | 'init_orthogonal' | 'calculate_gain'
  readonly scheme: string
  readonly attrs: { mode?: string; nonlinearity?: string; a?: number; gain?: number; what?: string; in?: number }
  readonly shape: number[]
  readonly mean: number
  readonly std: number
  readonly bound: number | null
  readonly mean_tol: number
  readonly std_rel_tol: number
  readonly matrix_shape: [number, number]
  readonly identity_scale: number
  readonly gains: Record<string, number>
}

const cases = goldenCases<InitCase>('init.json')

function initializerOf({ scheme, attrs }: InitCase): Initializer {
  switch (scheme) {
    case 'kaiming_uniform':
    case 'kaiming_normal': {
      const options = {
        mode: attrs.mode === 'fan_out' ? 'fanOut' : 'fanIn',
        nonlinearity: attrs.nonlinearity!.replace('leaky_relu', 'leakyRelu') as Nonlinearity,
        ...(attrs.a === undefined ? {} : { negativeSlope: attrs.a }),
      } as const
      return scheme === 'kaiming_uniform' ? kaimingUniform(options) : kaimingNormal(options)
    }
    case 'xavier_uniform':
      return xavierUniform(attrs.gain)
    case 'xavier_normal':
      return xavierNormal(attrs.gain)
    case 'linear_default':
      return attrs.what === 'weight' ? defaultLinearInit : uniformInit(1 / Math.sqrt(attrs.in!))
    case 'embedding_default':
      return normalInit(1)
    default:
      throw new Error(`no initializer for ${scheme}`)
  }
}

describe('reference statistics', () => {
  it.each(cases.filter((each) => each.op === 'init').map((each) => [each.name, each] as const))('%s', (_, each) => {
    // A fixed seed: the tolerances are five standard errors, so a free one would fail a run in some thousands.
    const values = initializerOf(each)(each.shape, new Rng(7))
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length
    const std = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
    expect(Math.abs(mean - each.mean)).toBeLessThanOrEqual(each.mean_tol)
    expect(Math.abs(std / each.std - 1)).toBeLessThanOrEqual(each.std_rel_tol)
    if (each.bound !== null) {
      const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
      expect(largest).toBeLessThanOrEqual(each.bound)
      expect(largest).toBeGreaterThan(each.bound * (1 - 10 / values.length))
    }
  })

  it.each(cases.filter((each) => each.op === 'init_orthogonal').map((each) => [each.name, each] as const))(
    '%s',
    (_, each) => {
      const values = orthogonal(each.attrs.gain)(each.shape, new Rng(7))
      expectOrthonormal(values, each.matrix_shape, each.identity_scale)
    },
  )

  it('gains', () => {
    const { gains } = cases.find((each) => each.op === 'calculate_gain')!
    const ours = {
      linear: calculateGain('linear'),
      sigmoid: calculateGain('sigmoid'),
      tanh: calculateGain('tanh'),
      relu: calculateGain('relu'),
      'leaky_relu_0.01': calculateGain('leakyRelu'),
      leaky_relu_sqrt5: calculateGain('leakyRelu', Math.sqrt(5)),
      selu: calculateGain('selu'),
    }
    for (const [name, gain] of Object.entries(gains)) expect(ours[name as keyof typeof ours]).toBeCloseTo(gain, 14)
  })
})

// The rows' (or, of a tall matrix, the columns') inner products are `scale` times the identity.
function expectOrthonormal(values: Float64Array, [rows, columns]: readonly [number, number], scale: number): void {
  const count = Math.min(rows, columns)
  const length = Math.max(rows, columns)
  const at = (i: number, j: number) => (rows <= columns ? values[i * columns + j]! : values[j * columns + i]!)
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      let product = 0
      for (let j = 0; j < length; j++) product += at(a, j) * at(b, j)
      expect(Math.abs(product - (a === b ? scale : 0))).toBeLessThanOrEqual(1e-10 + 1e-9 * scale)
    }
  }
}

describe('orthogonal', () => {
  it('has orthonormal rows or columns at any shape and seed', () => {
    const side = fc.integer({ min: 1, max: 24 })
    forAll([side, side, fc.nat()], (rows, columns, seed) => {
      expectOrthonormal(orthogonal()([rows, columns], new Rng(seed)), [rows, columns], 1)
    })
  })

  it('is Q of the QR decomposition of normal rows, drawn one after the other', () => {
    const [rng, again] = [new Rng(3), new Rng(3)]
    const [a, b] = orthogonal(2)([2, 2], rng)
    const [x, y] = [again.normal(), again.normal()]
    expect(a).toBeCloseTo((2 * x) / Math.hypot(x, y), 12)
    expect(b).toBeCloseTo((2 * y) / Math.hypot(x, y), 12)
    for (let i = 0; i < 2; i++) again.normal() // the second row
    expect(rng.normal()).toBe(again.normal())
  })

  it('is not the same matrix up to sign each time: the first column of R is as random as the draw', () => {
    const rng = new Rng(3)
    let positive = 0
    for (let i = 0; i < 400; i++) if (orthogonal()([2, 2], rng)[0]! > 0) positive++
    expect(positive).toBeGreaterThan(140)
    expect(positive).toBeLessThan(260)
  })
})

describe('initializers', () => {
  it('are functions of their seed', () => {
    for (const init of [
      kaimingUniform(),
      kaimingNormal(),
      xavierUniform(),
      xavierNormal(),
      orthogonal(),
      defaultLinearInit,
    ]) {
      expect(init([3, 4], new Rng(5))).toEqual(init([3, 4], new Rng(5)))
      expect(init([3, 4], new Rng(5))).not.toEqual(init([3, 4], new Rng(6)))
    }
  })

  it('say what is wrong with a shape or a name', () => {
    expect(() => orthogonal()([3], new Rng(0))).toThrow('[3] has no inputs and outputs; expected [outputs, inputs')
    expect(() => xavierNormal()([], new Rng(0))).toThrow('[] has no inputs and outputs')
    expect(() => calculateGain('rleu' as Nonlinearity)).toThrow('Did you mean "relu"?')
  })
})
