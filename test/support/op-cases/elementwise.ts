import fc from 'fast-check'
import * as t from '../../../src/tensor/index.ts'
import { onDeviceOf } from '../../../src/tensor/ops/create.ts'
import { sizeOf } from '../../../src/tensor/shape.ts'
import { awayFromZero, broadcastableShapes, distinct, float64, operandShape, shapes, tensorOf } from '../arbitraries.ts'
import { type OpCase, type OpCases, shown } from './op-case.ts'

type Unary = (x: t.Tensor) => t.Tensor
type Binary = (a: t.Tensor, b: t.Tensor) => t.Tensor
type Inputs = (shape: t.Shape) => fc.Arbitrary<t.Tensor>

const unary = (name: string, run: Unary, inputs: Inputs = tensorOf): fc.Arbitrary<OpCase> =>
  shapes()
    .chain(inputs)
    .map((x) => ({ call: shown(name, [x]), run: (y) => run(y!), inputs: [x] }))

const binary = (name: string, run: Binary, inputsA: Inputs = tensorOf, inputsB: Inputs = tensorOf) =>
  broadcastableShapes()
    .chain(({ a, b }) => fc.tuple(inputsA(a), inputsB(b)))
    .map((inputs): OpCase => ({ call: shown(name, inputs), run: (a, b) => run(a!, b!), inputs }))

/** A number as the right operand, and as the left one. */
function withNumber(
  name: string,
  right: (x: t.Tensor, p: number) => t.Tensor,
  left: (p: number, x: t.Tensor) => t.Tensor,
  inputs: Inputs = tensorOf,
): fc.Arbitrary<OpCase> {
  const numbers = fc.oneof(fc.double({ min: 0.5, max: 3, noNaN: true }), fc.constantFrom(-2, -1, 1, 2))
  return fc
    .tuple(numbers, fc.boolean())
    .chain(([p, isRight]) =>
      isRight
        ? unary(`${name} _ ${p}`, (x) => right(x, p), inputs)
        : unary(`${name} ${p} _`, (x) => left(p, x), inputs),
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
const apart = (name: string, run: Binary): fc.Arbitrary<OpCase> =>
  broadcastableShapes().chain(({ a, b }) =>
    distinct([sizeOf(a) + sizeOf(b)]).map((both) => {
      const inputs = [float64(both.view().slice(0, sizeOf(a)), a), float64(both.view().slice(sizeOf(a)), b)]
      return { call: shown(name, inputs), run: (x, y) => run(x!, y!), inputs }
    }),
  )

const powers: fc.Arbitrary<OpCase> = fc.constantFrom(0, 1, 2, 3, -1, -2, 0.5, 1.5, -0.5).chain((p) => {
  const whole = Number.isInteger(p)
  const inputs: Inputs = !whole ? positive : p < 0 ? (shape) => awayFromZero(shape, 0.3) : tensorOf
  return unary(`pow ${p}`, (x) => t.pow(x, p), inputs)
})

/** where: the condition is held constant, the two others broadcast with it. */
const wheres: fc.Arbitrary<OpCase> = shapes({ maxElements: 24 })
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
    call: shown('where', [float64(condition, shape), a, b]),
    // Of the numbers' own type and device, as a comparison would give it.
    run: (x, y) => t.where(onDeviceOf(x!, t.tensor(condition, shape, { dtype: x!.dtype })), x!, y!),
    inputs: [a, b],
  }))

export const elementwiseCases: OpCases = {
  add: binary('add', t.add),
  sub: binary('sub', t.sub),
  mul: binary('mul', t.mul),
  div: binary('div', t.div, tensorOf, (shape) => awayFromZero(shape, 0.3)),
  'pow (number)': powers,
  'pow (tensor)': binary('pow', t.pow, (shape) => tensorOf(shape, 0.3, 2)),
  maximum: apart('maximum', t.maximum),
  minimum: apart('minimum', t.minimum),
  where: wheres,
  neg: unary('neg', t.neg),
  'add (number)': withNumber(
    'add',
    (x, p) => t.add(x, p),
    (p, x) => t.add(p, x),
  ),
  'sub (number)': withNumber(
    'sub',
    (x, p) => t.sub(x, p),
    (p, x) => t.sub(p, x),
  ),
  'mul (number)': withNumber(
    'mul',
    (x, p) => t.mul(x, p),
    (p, x) => t.mul(p, x),
  ),
  'div (number)': withNumber(
    'div',
    (x, p) => t.div(x, p),
    (p, x) => t.div(p, x),
    (shape) => awayFromZero(shape, 0.3),
  ),
  abs: unary('abs', t.abs, awayFromZero),
  exp: unary('exp', t.exp),
  log: unary('log', t.log, positive),
  sqrt: unary('sqrt', t.sqrt, positive),
  square: unary('square', t.square),
  reciprocal: unary('reciprocal', t.reciprocal, (shape) => awayFromZero(shape, 0.3)),
  relu: unary('relu', t.relu, awayFromZero),
  leakyRelu: fc
    .double({ min: -0.5, max: 0.9, noNaN: true })
    .chain((slope) => unary(`leakyRelu ${slope}`, (x) => t.leakyRelu(x, slope), awayFromZero)),
  elu: fc
    .double({ min: 0.1, max: 2, noNaN: true })
    .chain((alpha) => unary(`elu ${alpha}`, (x) => t.elu(x, alpha), awayFromZero)),
  'gelu (exact)': unary('gelu', (x) => t.gelu(x)),
  'gelu (tanh)': unary('gelu tanh', (x) => t.gelu(x, 'tanh')),
  tanh: unary('tanh', t.tanh),
  sigmoid: unary('sigmoid', t.sigmoid),
  softplus: unary('softplus', t.softplus),
  silu: unary('silu', t.silu),
  clamp: unary('clamp', (x) => t.clamp(x, -1, 1), awayFromOnes),
}
