// Deliberately wrong backward rules: they show what a failure looks like, and test that the search finds one.

import {
  add,
  customOp,
  detach,
  div,
  mul,
  neg,
  noGrad,
  ones,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  unknownName,
  ValueError,
  variance,
} from '../../src/tensor/index.ts'
import type { GradientCall } from '../../test/support/gradient-case.ts'
import type { Kind, NamedCase } from './cases.ts'

export interface Plant {
  /** The case whose rule it replaces, or null where it fits any. */
  readonly of: { readonly kind: Kind; readonly name: string } | null
  /** The wrong rule. */
  readonly rule: string
  readonly apply: (call: GradientCall) => GradientCall
}

/** Replaces the rule of the first input of a call: `rule(dy, y, x)`. */
const replaced =
  (rule: (dy: Tensor, y: Tensor, x: Tensor) => Tensor) =>
  (call: GradientCall): GradientCall => ({
    ...call,
    run: (x, ...others) => {
      const y = noGrad(() => call.run(x!, ...others))
      return customOp(y, [x!], [(dy) => rule(dy, y, detach(x!))])
    },
  })

/** Changes the right gradient of one input, or of all: `rule(dx)`. */
const changed =
  (rule: (dx: Tensor, inputs: readonly Tensor[]) => Tensor, input?: string) =>
  (call: GradientCall): GradientCall => ({
    ...call,
    run: (...inputs) => {
      const isChanged = (place: number) => input === undefined || call.names?.[place] === input
      const rewired = (x: Tensor) => customOp(detach(x), [x], [(dx) => rule(dx, inputs)])
      return call.run(...inputs.map((x, place) => (isChanged(place) ? rewired(x) : x)))
    },
  })

export const plants: Readonly<Record<string, Plant>> = {
  'softmax-no-sum': {
    of: { kind: 'op', name: 'softmax' },
    rule: 'dx = y ⊙ dy, without − Σ y ⊙ dy',
    apply: replaced((dy, y) => mul(dy, y)),
  },
  'tanh-no-square': {
    of: { kind: 'op', name: 'tanh' },
    rule: 'dx = dy (1 − y), without the square',
    apply: replaced((dy, y) => mul(dy, sub(1, y))),
  },
  'tanh-constant-output': {
    of: { kind: 'op', name: 'tanh' },
    rule: 'dx = dy (1 − y²) with y as a constant, so that only the second gradient is wrong',
    apply: replaced((dy, y) => mul(dy, sub(1, square(detach(y))))),
  },
  'transpose-forgets': {
    of: { kind: 'op', name: 'transpose' },
    rule: 'dx = dy in the shape of x, its axes not swapped back',
    apply: replaced((dy, _, x) => reshape(dy, x.shape)),
  },
  'layer-norm-no-mean': {
    of: { kind: 'op', name: 'layerNorm (plain)' },
    rule: 'dx = dy / s, as if mean and variance were constants',
    apply: replaced((dy, _, x) => div(dy, sqrt(add(variance(x, -1, true, 0), 1e-5)))),
  },
  'mse-half': {
    of: { kind: 'loss', name: 'mseLoss' },
    rule: 'dx = d dy, without the factor 2',
    apply: changed((dx) => mul(dx, 0.5), 'prediction'),
  },
  'linear-mean-bias': {
    of: { kind: 'layer', name: 'Linear' },
    rule: 'db = mean of dy over the rows, not the sum',
    apply: changed((db, [x]) => div(db, Math.max(1, x!.shape[0]!)), 'bias'),
  },
  'gaussian-no-minus-one': {
    of: { kind: 'distribution', name: 'DiagonalGaussian (logProb)' },
    rule: 'd ln σ = dy z², without − 1',
    apply: (call) => ({
      ...call,
      run: (...inputs) => {
        const y = call.run(...inputs)
        const logStd = inputs[1]!
        const minusOneMissing = (dy: Tensor) => mul(ones(logStd.shape, { dtype: dy.dtype }), sum(dy))
        return customOp(detach(y), [y, logStd], [(dy) => dy, minusOneMissing])
      },
    }),
  },
  doubled: {
    of: null,
    rule: 'every gradient is twice too large',
    apply: changed((dx) => mul(dx, 2)),
  },
  negated: {
    of: null,
    rule: 'every gradient has the wrong sign',
    apply: changed((dx) => neg(dx)),
  },
  'last-element': {
    of: null,
    rule: 'the gradient of the last element of each input is 0',
    apply: changed((dx) => {
      const all = ones(dx.shape, { dtype: dx.dtype })
      if (all.size > 0) all.view()[all.size - 1] = 0
      return mul(dx, all)
    }),
  },
}

/** Returns the plant of this name. Throws a `ValueError` with the nearest name if there is none. */
export function plantNamed(name: string): Plant {
  if (Object.hasOwn(plants, name)) return plants[name]!
  throw new ValueError(`--plant: ${unknownName('plant', name, Object.keys(plants))}`)
}

/** The name of the plant made for a case; `doubled` if there is none. */
export function plantFor({ kind, name }: NamedCase): string {
  return Object.entries(plants).find(([, { of }]) => of?.kind === kind && of.name === name)?.[0] ?? 'doubled'
}
