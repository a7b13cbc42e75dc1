// The functions that elementwise kernels apply to each element, by operation, for gpu.js and for WGSL. GPUs may drop NaN in min
// and max, so functions that must keep it use comparisons. Read next: ../gpujs/backend.ts.

import type { MapOp, Updates, ZipOp } from '../../tensor/backends/backend.ts'
import type { Storage } from '../../tensor/storage.ts'
import { ElementFunction, functionsOf } from './functions.ts'

export const maps = functionsOf<MapOp>('x p q', {
  neg: '-x',
  abs: 'abs(x)',
  sign: 'if (x > 0.0) { return 1.0; } if (x < 0.0) { return -1.0; } return x;',
  exp: 'expOf(x)',
  log: 'logOf(x)',
  // Near 0, 1 + x loses the digits of x; x - x²/2 + x³/3 does not.
  log1p: 'if (x > -0.01 && x < 0.01) { return x * (1.0 - x * (0.5 - x / 3.0)); } return logOf(1.0 + x);',
  sin: 'sineOf(x, 0.0)',
  cos: 'sineOf(x, 0.5)',
  sqrt: 'sqrt(x)',
  square: 'x * x',
  reciprocal: '1.0 / x',
  scale: 'x * p',
  shift: 'x + p',
  power: 'powerOf(x, p)',
  // The last branch is for NaN. It is a sum so that a compiler cannot turn the function into max, which drops NaN.
  relu: 'if (x > 0.0) { return x; } if (x <= 0.0) { return 0.0; } return x + x;',
  leakyRelu: 'if (x > 0.0) { return x; } return p * x;',
  // Near 0, e^x - 1 cancels; x + x²/2 + x³/6 does not.
  elu: `
    if (x > 0.0) { return x; }
    if (x > -0.01) { return p * x * (1.0 + x * (0.5 + x / 6.0)); }
    return p * (expOf(x) - 1.0);`,
  gelu: 'x * normalCdfOf(x)',
  geluTanh: '0.5 * x * (1.0 + tanhOf(0.7978845608028654 * (x + 0.044715 * x * x * x)))',
  tanh: 'tanhOf(x)',
  sigmoid: '1.0 / (1.0 + expOf(-x))',
  softplus: `
    let bend = logOf(1.0 + expOf(-abs(x)));
    if (x > 0.0) { return x + bend; }
    return bend;`,
  silu: 'x / (1.0 + expOf(-x))',
  // The last branch is for NaN.
  clamp: 'if (x < p) { return p; } if (x > q) { return q; } if (x >= p) { return x; } return x + p;',
})

export const zips = functionsOf<ZipOp>('a b p q', {
  add: 'a + b',
  sub: 'a - b',
  mul: 'a * b',
  div: 'a / b',
  power: 'powerOf(a, b)',
  // Both comparisons fail for NaN, which the sum keeps.
  maximum: 'if (a > b) { return a; } if (b >= a) { return b; } return a + b;',
  minimum: 'if (a < b) { return a; } if (b <= a) { return b; } return a + b;',
  equal: 'if (a == b) { return 1.0; } return 0.0;',
  notEqual: 'if (a == b) { return 0.0; } return 1.0;',
  greater: 'if (a > b) { return 1.0; } return 0.0;',
  greaterEqual: 'if (a >= b) { return 1.0; } return 0.0;',
  less: 'if (a < b) { return 1.0; } return 0.0;',
  lessEqual: 'if (a <= b) { return 1.0; } return 0.0;',
  // In gradients a is dy, and b is x or y.
  reluGrad: 'if (b > 0.0) { return a; } return 0.0;',
  leakyReluGrad: 'if (b > 0.0) { return a; } return p * a;',
  eluGrad: 'if (b > 0.0) { return a; } return a * p * expOf(b);',
  // Φ(x) + x φ(x)
  geluGrad: 'a * (normalCdfOf(b) + b * 0.3989422804014327 * expOf(-0.5 * b * b))',
  // With t = tanh(u): (1 + t) / 2 + x (1 - t²) u' / 2
  geluTanhGrad: `
    let t = tanhOf(0.7978845608028654 * (b + 0.044715 * b * b * b));
    let slope = 0.7978845608028654 * (1.0 + 0.134145 * b * b);
    return a * 0.5 * (1.0 + t + b * (1.0 - t * t) * slope);`,
  softplusGrad: 'a / (1.0 + expOf(-b))',
  siluGrad: `
    let s = 1.0 / (1.0 + expOf(-b));
    return a * s * (1.0 + b * (1.0 - s));`,
  clampGrad: 'if (b >= p && b <= q) { return a; } return 0.0;',
  tanhGrad: 'a * (1.0 - b * b)',
  sigmoidGrad: 'a * b * (1.0 - b)',
})

/** Functions of different parameters: a parameter list and a body each. */
function rulesOf<Name extends string>(texts: Readonly<Record<Name, readonly [parameters: string, body: string]>>) {
  const entries = Object.entries<readonly [string, string]>(texts)
  return Object.fromEntries(entries.map(([name, text]) => [name, new ElementFunction(name, ...text)])) as Readonly<
    Record<Name, ElementFunction>
  >
}

export const { choose, lerp, truncate, same, constant } = rulesOf({
  choose: ['c a b', 'if (c == 0.0) { return b; } return a;'],
  lerp: ['a b p', 'a + p * (b - a)'],
  // Rounds towards 0, as an Int32Array does.
  truncate: ['x', 'if (x < 0.0) { return ceil(x); } return floor(x);'],
  same: ['x', 'x'],
  constant: ['p', 'p'],
})

const rules = rulesOf({
  average: ['mean g p keep gain decay', 'keep * mean + gain * (g + decay * p)'],
  averageOfSquares: ['mean g p keep gain decay', 'keep * mean + gain * (g + decay * p) * (g + decay * p)'],
  // `shrink` is 1 without decoupled weight decay; `root` is √(1 - β₂ᵗ).
  adamStep: [
    'p first second rate root epsilon shrink',
    'p * shrink - (rate * first) / (sqrt(second) / root + epsilon)',
  ],
})

/** Replaces the first of the arrays by the rule's result on all of them and the constants. */
export type Step = readonly [
  rule: ElementFunction,
  arrays: readonly [Storage, ...Storage[]],
  constants: readonly number[],
]

/**
 * Adam's update as steps, which gpu.js runs one by one and WGSL in one kernel. The moments come first, because they are computed from
 * the old parameters. Terms such as 1 - β are computed on the CPU in float64.
 */
export function adamBy(run: (steps: readonly Step[]) => void): Updates['adam'] {
  return (p, g, first, second, maxSecond, s) => {
    const decay = s.decoupled ? 0 : s.weightDecay
    const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
    const rate = s.learningRate / (1 - s.beta1Power)
    const largest: Step[] = maxSecond === null ? [] : [[zips.maximum, [maxSecond, second], []]]
    run([
      [rules.average, [first, g, p], [s.beta1, 1 - s.beta1, decay]],
      [rules.averageOfSquares, [second, g, p], [s.beta2, 1 - s.beta2, decay]],
      ...largest,
      [rules.adamStep, [p, first, maxSecond ?? second], [rate, Math.sqrt(1 - s.beta2Power), s.epsilon, shrink]],
    ])
  }
}
