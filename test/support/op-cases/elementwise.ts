import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import { onDeviceOf } from '../../../src/tensor/ops/create.ts'
import { sizeOf } from '../../../src/tensor/shape.ts'
import { awayFromZero, broadcastableShapes, distinct, float64, operandShape, shapes, tensorOf } from '../arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, kink, shown } from '../gradient-case.ts'

type Unary = (x: t.Tensor) => t.Tensor
type Binary = (a: t.Tensor, b: t.Tensor) => t.Tensor
type Inputs = (shape: t.Shape) => fc.Arbitrary<t.Tensor>

const unaryCalls = (call: (x: t.Tensor) => string, run: Unary, inputs: Inputs): fc.Arbitrary<GradientCall> =>
  shapes()
    .chain(inputs)
    .map((x) => ({ call: call(x), run: (y) => run(y!), inputs: [x] }))

const unary = (name: string, run: Unary, inputs: Inputs = tensorOf, ...rest: unknown[]) =>
  unaryCalls((x) => shown(name, [x], ...rest), run, inputs)

const binary = (name: string, run: Binary, inputsA: Inputs = tensorOf, inputsB: Inputs = tensorOf) =>
  broadcastableShapes()
    .chain(({ a, b }) => fc.tuple(inputsA(a), inputsB(b)))
    .map((inputs): GradientCall => ({ call: shown(name, inputs), run: (a, b) => run(a!, b!), inputs }))

/** A number as the right operand, and as the left one. */
function withNumber(
  name: string,
  right: (x: t.Tensor, p: number) => t.Tensor,
  left: (p: number, x: t.Tensor) => t.Tensor,
  inputs: Inputs = tensorOf,
): fc.Arbitrary<GradientCall> {
  const numbers = fc.oneof(fc.double({ min: 0.5, max: 3, noNaN: true }), fc.constantFrom(-2, -1, 1, 2))
  return fc.tuple(numbers, fc.boolean()).chain(([p, isRight]) =>
    isRight
      ? unary(name, (x) => right(x, p), inputs, p)
      : unaryCalls(
          ({ shape }) => `${name}(${p}, [${shape.join(', ')}])`,
          (x) => left(p, x),
          inputs,
        ),
  )
}

const positive: Inputs = (shape) => tensorOf(shape, 0.2, 2)

/** At least 0.1 away from -1 and from 1. */
export const awayFromOnes: Inputs = (shape) =>
  fc.tuple(awayFromZero(shape, 0.1, 1.9), fc.boolean()).map(([x, up]) =>
    float64(
      Array.from(x.view(), (v, i) => v + (up === (i % 2 === 0) ? 1 : -1)),
      shape,
    ),
  )

// No element of the one is within 0.1 of any element of the other.
const apart = (name: string, run: Binary): fc.Arbitrary<GradientCall> =>
  broadcastableShapes().chain(({ a, b }) =>
    distinct([sizeOf(a) + sizeOf(b)]).map((both) => {
      const inputs = [float64(both.view().slice(0, sizeOf(a)), a), float64(both.view().slice(sizeOf(a)), b)]
      return { call: shown(name, inputs), run: (x, y) => run(x!, y!), inputs }
    }),
  )

const powers: fc.Arbitrary<GradientCall> = fc.constantFrom(0, 1, 2, 3, -1, -2, 0.5, 1.5, -0.5).chain((p) => {
  const whole = Number.isInteger(p)
  const inputs: Inputs = !whole ? positive : p < 0 ? (shape) => awayFromZero(shape, 0.3) : tensorOf
  return unary('pow', (x) => t.pow(x, p), inputs, p)
})

/** where: the condition is held constant, the two others broadcast with it. */
const wheres: fc.Arbitrary<GradientCall> = shapes({ maxElements: 24 })
  .chain((out) => fc.tuple(operandShape(out), operandShape(out), operandShape(out)))
  .chain(([c, a, b]) =>
    fc.tuple(
      fc.array(fc.constantFrom(0, 1, -3), { minLength: sizeOf(c), maxLength: sizeOf(c) }),
      fc.constant(c),
      tensorOf(a),
      tensorOf(b),
    ),
  )
  .map(([condition, shape, a, b]) => ({
    call: shown('where', [a, b], { shape, condition }),
    // Of the numbers' own type and device, as a comparison would give it.
    run: (x, y) => t.where(onDeviceOf(x!, t.tensor(condition, shape, { dtype: x!.dtype })), x!, y!),
    inputs: [a, b],
  }))

export const elementwiseCases: GradientCases = {
  add: gradientCase('y = a + b, broadcast;  da = dy, db = dy', binary('add', t.add)),
  sub: gradientCase('y = a − b, broadcast;  da = dy, db = −dy', binary('sub', t.sub)),
  mul: gradientCase('y = a b, broadcast;  da = dy b, db = dy a', binary('mul', t.mul)),
  div: gradientCase(
    'y = a / b, broadcast;  da = dy / b, db = −dy y / b',
    binary('div', t.div, tensorOf, (shape) => awayFromZero(shape, 0.3)),
  ),
  'pow (number)': gradientCase(
    'y = x^p;  dx = dy p x^(p−1)',
    powers,
    [0, 0, 2, 0].map((second, p) => kink((x) => t.pow(x, p), [[0]], [p === 1 ? 1 : 0], [second])),
  ),
  'pow (tensor)': gradientCase(
    'y = a^b, broadcast;  da = dy b a^(b−1), db = dy y ln a',
    binary('pow', t.pow, (shape) => tensorOf(shape, 0.3, 2)),
    [
      kink(
        t.pow,
        [
          [0, 0, 0, 0],
          [0, 1, 2, 3],
        ],
        [0, 1, 0, 0],
        [0, 0, 2, 0],
      ),
      kink(
        (b, a) => t.pow(a, b),
        [
          [0, 2, 0],
          [2, 0, 0],
        ],
        [Math.log(2), 0, 0],
        [Math.log(2) ** 2, 0, 0],
      ),
      kink(
        (b, a) => t.grad((x, y) => t.sum(t.pow(x, y)))(a, b)[0]!,
        [
          [0, 0],
          [2, 4],
        ],
        [0.5, 0.25],
        [Math.LN2, Math.LN2],
      ),
    ],
  ),
  maximum: gradientCase(
    'y = max(a, b);  da = dy where a > b, db = dy where b > a, else 0',
    apart('maximum', t.maximum),
    [kink(t.maximum, [[1], [1]], [0.5], [0])],
  ),
  minimum: gradientCase(
    'y = min(a, b);  da = dy where a < b, db = dy where b < a, else 0',
    apart('minimum', t.minimum),
    [kink(t.minimum, [[1], [1]], [0.5], [0])],
  ),
  where: gradientCase('y = condition ? a : b;  da = dy where the condition holds, db = dy elsewhere, else 0', wheres),
  neg: gradientCase('y = −x;  dx = −dy', unary('neg', t.neg)),
  'add (number)': gradientCase(
    'y = x + p;  dx = dy',
    withNumber(
      'add',
      (x, p) => t.add(x, p),
      (p, x) => t.add(p, x),
    ),
  ),
  'sub (number)': gradientCase(
    'y = x − p;  dx = dy.  y = p − x;  dx = −dy',
    withNumber(
      'sub',
      (x, p) => t.sub(x, p),
      (p, x) => t.sub(p, x),
    ),
  ),
  'mul (number)': gradientCase(
    'y = p x;  dx = p dy',
    withNumber(
      'mul',
      (x, p) => t.mul(x, p),
      (p, x) => t.mul(p, x),
    ),
  ),
  'div (number)': gradientCase(
    'y = x / p;  dx = dy / p.  y = p / x;  dx = −dy y / x',
    withNumber(
      'div',
      (x, p) => t.div(x, p),
      (p, x) => t.div(p, x),
      (shape) => awayFromZero(shape, 0.3),
    ),
  ),
  abs: gradientCase('y = |x|;  dx = dy sign(x)', unary('abs', t.abs, awayFromZero), [kink(t.abs, [[0]], [0], [0])]),
  exp: gradientCase('y = e^x;  dx = dy y', unary('exp', t.exp)),
  log: gradientCase('y = ln x;  dx = dy / x', unary('log', t.log, positive)),
  log1p: gradientCase('y = ln(1 + x);  dx = dy / (1 + x)', unary('log1p', t.log1p, positive)),
  logaddexp: gradientCase(
    'y = ln(e^a + e^b), broadcast;  da = dy σ(a − b), db = dy σ(b − a)',
    binary('logaddexp', t.logaddexp),
    [kink(t.logaddexp, [[1], [1]], [0.5], [0.25])],
  ),
  sin: gradientCase('y = sin x;  dx = dy cos x', unary('sin', t.sin)),
  cos: gradientCase('y = cos x;  dx = −dy sin x', unary('cos', t.cos)),
  sqrt: gradientCase('y = √x;  dx = dy / (2 y)', unary('sqrt', t.sqrt, positive)),
  square: gradientCase('y = x²;  dx = 2 x dy', unary('square', t.square)),
  reciprocal: gradientCase(
    'y = 1 / x;  dx = −dy y²',
    unary('reciprocal', t.reciprocal, (shape) => awayFromZero(shape, 0.3)),
  ),
  relu: gradientCase('y = max(x, 0);  dx = dy where x > 0, else 0', unary('relu', t.relu, awayFromZero), [
    kink(t.relu, [[0]], [0], [0]),
  ]),
  leakyRelu: gradientCase(
    'y = x where x > 0, else slope · x;  dx = dy where x > 0, else slope · dy',
    fc
      .double({ min: -0.5, max: 0.9, noNaN: true })
      .chain((slope) => unary('leakyRelu', (x) => t.leakyRelu(x, slope), awayFromZero, slope)),
    [kink((x) => t.leakyRelu(x, 0.25), [[0]], [0.25], [0])],
  ),
  elu: gradientCase(
    'y = x where x > 0, else α (e^x − 1);  dx = dy where x > 0, else dy α e^x',
    fc
      .double({ min: 0.1, max: 2, noNaN: true })
      .chain((alpha) => unary('elu', (x) => t.elu(x, alpha), awayFromZero, alpha)),
    [kink((x) => t.elu(x, 0.5), [[0, 1000]], [0.5, 1], [0.5, 0])],
  ),
  'gelu (exact)': gradientCase(
    'y = x Φ(x);  dx = dy (Φ(x) + x φ(x))',
    unary('gelu', (x) => t.gelu(x)),
  ),
  'gelu (tanh)': gradientCase(
    'y = x (1 + tanh u) / 2, u = √(2/π) (x + 0.044715 x³);  dx = dy (1 + tanh u + x (1 − tanh² u) u′) / 2',
    unary('gelu', (x) => t.gelu(x, 'tanh'), tensorOf, 'tanh'),
  ),
  tanh: gradientCase('y = tanh x;  dx = dy (1 − y²)', unary('tanh', t.tanh)),
  sigmoid: gradientCase('y = σ(x);  dx = dy y (1 − y)', unary('sigmoid', t.sigmoid)),
  softplus: gradientCase('y = ln(1 + e^x);  dx = dy σ(x)', unary('softplus', t.softplus)),
  silu: gradientCase('y = x σ(x);  dx = dy σ(x) (1 + x (1 − σ(x)))', unary('silu', t.silu)),
  clamp: gradientCase(
    'y = min(max(x, low), high);  dx = dy where low ≤ x ≤ high, else 0',
    unary('clamp', (x) => t.clamp(x, -1, 1), awayFromOnes, -1, 1),
    [kink((x) => t.clamp(x, -1, 1), [[-1, 1]], [1, 1], [0, 0])],
  ),
  clip: gradientCase(
    'y = min(max(x, low), high);  dx = dy where low ≤ x ≤ high, else 0',
    unary('clip', (x) => t.clip(x, -1, 1), awayFromOnes, -1, 1),
    [kink((x) => t.clip(x, -1, 1), [[-1, 1]], [1, 1], [0, 0])],
  ),
}
