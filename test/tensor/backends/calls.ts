// Calls of every function of the backend interface, to be made on a backend and on the reference: random shapes to 70 with
// axes of size 0 and 1, NaN and infinities among the numbers.

import fc from 'fast-check'
import type { AxisView, Backend, MapOp, ZipOp } from '../../../src/tensor/backends/backend.ts'
import { broadcastShapes, sizeOf } from '../../../src/tensor/shape.ts'
import type { Storage, TypedArray } from '../../../src/tensor/storage.ts'
import { type Draw, drawFloats, drawIndices, draws, sizes } from './draws.ts'

/** What a call works on and gives back: its result, or the operands that it changed. */
export interface Call {
  readonly name: string
  readonly operands: readonly TypedArray[]
  readonly run: (backend: Backend, operands: Storage[]) => unknown
  /** Which operands it writes to; none: it returns a storage. */
  readonly changes?: readonly number[]
  /** The largest error allowed is `tolerance` · (|expected| + `scale`). */
  readonly tolerance?: number
  readonly scale?: number
}

type Calls = fc.Arbitrary<Call>

const constants = fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround)

const mapOps: Record<MapOp, { tolerance?: number; p?: fc.Arbitrary<number>; q?: fc.Arbitrary<number> }> = {
  neg: {},
  abs: {},
  sign: {},
  exp: {},
  log: {},
  log1p: {},
  sin: {},
  cos: {},
  sqrt: {},
  square: {},
  reciprocal: {},
  scale: { p: constants },
  shift: { p: constants },
  power: { p: fc.constantFrom(0, 0.5, 1, 2, 3, -1, -2, 1.5, -0.5) },
  relu: {},
  leakyRelu: { p: constants },
  elu: { p: constants },
  gelu: {},
  geluTanh: {},
  tanh: {},
  sigmoid: {},
  softplus: {},
  silu: {},
  clamp: { p: fc.constantFrom(-Infinity, -1.5, -1), q: fc.constantFrom(-0.5, 1, Infinity) },
}

const maps: Calls = fc.oneof(
  ...(Object.keys(mapOps) as MapOp[]).map((op) => {
    const { p = fc.constant(0), q = fc.constant(0) } = mapOps[op]
    return fc.tuple(draws, fc.integer({ min: 0, max: 300 }), p, q).map(
      ([draw, length, p, q]): Call => ({
        name: `map ${op}(${p}, ${q})`,
        operands: drawFloats(draw, length),
        run: (backend, [x]) => backend.map(op, x!, p, q),
      }),
    )
  }),
)

const zipOps: Record<ZipOp, true> = {
  ...{ add: true, sub: true, mul: true, div: true, power: true, maximum: true, minimum: true },
  ...{ equal: true, notEqual: true, greater: true, greaterEqual: true, less: true, lessEqual: true },
  ...{ reluGrad: true, leakyReluGrad: true, eluGrad: true, geluGrad: true, geluTanhGrad: true, softplusGrad: true },
  ...{ siluGrad: true, clampGrad: true, tanhGrad: true, sigmoidGrad: true },
}

// Two shapes that broadcast: a common one, of which each operand keeps or drops leading axes and repeats others.
const shapePairs = fc.array(sizes, { maxLength: 4 }).chain((sizesOfAll) => {
  const shape = sizesOfAll.map((size, axis) => (sizeOf(sizesOfAll.slice(axis)) > 2000 ? Math.min(size, 3) : size))
  const operand = fc
    .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.integer({ min: 0, max: 4 }))
    .map(([repeats, drop]) => shape.map((size, axis) => (repeats[axis] ? 1 : size)).slice(Math.min(drop, shape.length)))
  return fc.oneof(fc.constant([shape, shape] as const), fc.tuple(operand, operand))
})

const zips: Calls = fc
  .tuple(fc.constantFrom(...(Object.keys(zipOps) as ZipOp[])), shapePairs, draws, constants)
  .map(([op, [aShape, bShape], draw, p]) => ({
    name: `zip ${op} [${aShape}] with [${bShape}], p = ${p}`,
    operands: drawFloats(draw, sizeOf(aShape), sizeOf(bShape)),
    run: (backend, [a, b]) =>
      backend.zip(op, a!, aShape, b!, bShape, broadcastShapes(op, aShape, bShape), p, Math.abs(p)),
    scale: 4, // products of up to three numbers of size 4, and differences of them
  }))

const wheres: Calls = fc.tuple(draws, fc.integer({ min: 0, max: 200 })).map(([draw, length]) => ({
  name: `where of ${length}`,
  operands: [
    ...drawFloats({ ...draw, whole: true }, length).map((c) => c.map((x) => (Math.abs(x) < 1 ? 0 : x))),
    ...drawFloats(draw, length, length),
  ],
  run: (backend, [condition, a, b]) => backend.where(condition!, a!, b!),
}))

const views: fc.Arbitrary<AxisView> = fc
  .record({ outer: sizes, size: sizes, inner: fc.oneof(fc.constant(1), sizes) })
  .map(({ outer, size, inner }) => ({ outer: size * inner > 500 ? Math.min(outer, 3) : outer, size, inner }))
const nonEmptyViews = views.map((view) => ({ ...view, size: Math.max(1, view.size) }))

const elements = ({ outer, size, inner }: AxisView) => outer * size * inner
const show = ({ outer, size, inner }: AxisView) => `[${outer}, ${size}, ${inner}]`

function overAxis(
  name: string,
  shapes: fc.Arbitrary<AxisView>,
  run: (view: AxisView, backend: Backend, x: Parameters<Backend['copy']>[0]) => unknown,
): Calls {
  return fc.tuple(shapes, draws).map(([view, draw]) => ({
    name: `${name} of ${show(view)}`,
    operands: drawFloats(draw, elements(view)),
    run: (backend, [x]) => run(view, backend, x!),
    scale: Math.max(16, view.size), // the rounding errors of a sum grow with its terms, and some of them are 90
  }))
}

const reductions: Calls = fc.oneof(
  overAxis('sum', views, (view, backend, x) => backend.reduce('sum', x, view)),
  overAxis('max', views, (view, backend, x) => backend.reduce('max', x, view)),
  overAxis('min', views, (view, backend, x) => backend.reduce('min', x, view)),
)
const argReductions: Calls = fc.oneof(
  overAxis('argmax', nonEmptyViews, (view, backend, x) => backend.argReduce('argmax', x, view)),
  overAxis('argmin', nonEmptyViews, (view, backend, x) => backend.argReduce('argmin', x, view)),
)
const cumsums: Calls = fc.oneof(
  overAxis('cumsum', views, (view, backend, x) => backend.cumsum(x, view, false)),
  overAxis('reverse cumsum', views, (view, backend, x) => backend.cumsum(x, view, true)),
)

type Rows = (backend: Backend, a: Operand, b: Operand, rows: number, columns: number) => unknown
type Operand = Parameters<Backend['copy']>[0]

function ofRows(name: string, run: Rows, scale = 4, operandsOf = drawFloats): Calls {
  return fc.tuple(sizes, sizes, draws).map(([rows, columns, draw]) => ({
    name: `${name} of [${rows}, ${columns}]`,
    operands: operandsOf(draw, rows * columns, rows * columns),
    run: (backend, [a, b]) => run(backend, a!, b!, rows, columns),
    scale,
  }))
}

// Probabilities or their logarithms as the second operand, of any sum.
const withSecond = (f: (x: number) => number) => (draw: Draw, a: number, b: number) => {
  const [first, second] = drawFloats(draw, a, b)
  return [first!, second!.map(f)]
}

const EPSILON = 1e-3 // the standard deviation is at least √ε, so errors grow at most by 1/√ε and its square

const rowFunctions: Record<string, Calls> = {
  softmax: ofRows('softmax', (backend, x, _, rows, columns) => backend.softmax(x, rows, columns)),
  logSoftmax: ofRows('logSoftmax', (backend, x, _, rows, columns) => backend.logSoftmax(x, rows, columns)),
  softmaxGrad: ofRows(
    'softmaxGrad',
    (backend, dy, y, rows, columns) => backend.softmaxGrad(dy, y, rows, columns),
    300,
    withSecond((x) => Math.abs(x) / 8),
  ),
  logSoftmaxGrad: ofRows(
    'logSoftmaxGrad',
    (backend, dy, y, rows, columns) => backend.logSoftmaxGrad(dy, y, rows, columns),
    300,
    withSecond((x) => -Math.abs(x)),
  ),
  standardize: ofRows(
    'standardize',
    (backend, x, _, rows, columns) => backend.standardize(x, rows, columns, EPSILON),
    4 / Math.sqrt(EPSILON),
  ),
  standardizeGrad: ofRows(
    'standardizeGrad',
    (backend, dy, x, rows, columns) => backend.standardizeGrad(dy, x, rows, columns, EPSILON),
    4 / EPSILON,
    // Without 1e-40: where dy is infinite, the sign of a difference from the mean below float32's precision would decide.
    withSecond((x) => (Math.abs(x) < 1e-30 ? 0 : x)),
  ),
}

const products: Calls = fc
  .record({
    spec: fc.record({
      batch: fc.integer({ min: 0, max: 3 }),
      m: sizes,
      k: sizes,
      n: sizes,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    }),
    withBias: fc.boolean(),
    draw: draws,
  })
  .map(({ spec, withBias, draw }) => ({
    name: `matmul ${JSON.stringify(spec)}${withBias ? ' with bias' : ''}`,
    operands: drawFloats(
      draw,
      spec.batch * spec.m * spec.k,
      spec.batch * spec.k * spec.n,
      ...(withBias ? [spec.n] : []),
    ),
    run: (backend, [a, b, bias]) => backend.matmul(spec, a!, b!, bias ?? null),
    // Products of two 90s cancel to the last digit of 8100.
    scale: (draw.odd > 0 ? 90 * 90 : 16) * Math.sqrt(spec.k + 1),
  }))

const shapes = fc
  .array(sizes, { maxLength: 5 })
  .map((all) => all.map((size, axis) => (sizeOf(all.slice(axis)) > 3000 ? Math.min(size, 3) : size)))

const permutations: Calls = fc.tuple(shapes, fc.nat(), draws).map(([shape, seed, draw]) => {
  const keys = drawIndices(seed, shape.length, 1000)
  const axes = shape.map((_, axis) => axis).sort((a, b) => keys[a]! - keys[b]!)
  return {
    name: `permute [${shape}] by [${axes}]`,
    operands: drawFloats(draw, sizeOf(shape)),
    run: (backend, [x]) => backend.permute(x!, shape, axes),
  }
})

const broadcasts: Calls = fc.tuple(shapePairs, draws).map(([[from, other], draw]) => {
  const to = broadcastShapes('broadcastTo', from, other)
  return {
    name: `broadcastTo [${from}] to [${to}]`,
    operands: drawFloats(draw, sizeOf(from)),
    run: (backend, [x]) => backend.broadcastTo(x!, from, to),
  }
})

// A slice of each axis: a start, a step other than 0, and as many as fit.
const sliceCases = fc.tuple(shapes, fc.nat(), draws).map(([shape, seed, draw]) => {
  const picks = drawIndices(seed, 3 * shape.length, 1000)
  const starts: number[] = []
  const steps: number[] = []
  const out = shape.map((size, axis) => {
    const start = size === 0 ? 0 : picks[3 * axis]! % size
    const step = [1, 1, 2, 3, -1, -2][picks[3 * axis + 1]! % 6]!
    const fit = size === 0 ? 0 : step > 0 ? Math.ceil((size - start) / step) : Math.floor(start / -step) + 1
    starts.push(start)
    steps.push(step)
    return fit === 0 ? 0 : picks[3 * axis + 2]! % (fit + 1)
  })
  return { shape, starts, steps, out, draw }
})
const slices: Calls = sliceCases.map(({ shape, starts, steps, out, draw }) => ({
  name: `slice [${shape}] from [${starts}] by [${steps}] to [${out}]`,
  operands: drawFloats(draw, sizeOf(shape)),
  run: (backend, [x]) => backend.slice(x!, shape, starts, steps, out),
}))
const sliceGrads: Calls = sliceCases.map(({ shape, starts, steps, out, draw }) => ({
  name: `sliceGrad [${out}] into [${shape}] from [${starts}] by [${steps}]`,
  operands: drawFloats(draw, sizeOf(out)),
  run: (backend, [dy]) => backend.sliceGrad(dy!, out, starts, steps, shape),
}))

const concats: Calls = fc
  .tuple(sizes, fc.array(sizes, { minLength: 1, maxLength: 4 }), sizes, draws)
  .map(([outer, parts, inner, draw]) => ({
    name: `concat of ${parts} in [${outer}, …, ${inner}]`,
    operands: drawFloats(draw, ...parts.map((size) => outer * size * inner)),
    run: (backend, operands) => backend.concat(operands, outer, parts, inner),
  }))

type Picker = 'gather' | 'gatherGrad' | 'take' | 'takeGrad'

function picking(op: Picker): Calls {
  return fc.tuple(nonEmptyViews, fc.integer({ min: 0, max: 12 }), draws).map(([view, count, draw]) => {
    const picked = view.outer * count * view.inner
    const indices = drawIndices(draw.seed, op.startsWith('gather') ? picked : count, view.size)
    const length = op.endsWith('Grad') ? picked : elements(view)
    return {
      name: `${op} of ${count} in ${show(view)}`,
      operands: [...drawFloats(draw, length), indices],
      run: (backend, [x, index]) => backend[op](x!, index!, view, count),
      scale: 48,
    }
  })
}

const small = fc.integer({ min: 0, max: 150 })
const rates = fc.constantFrom(0, 0.001, 0.1, 0.9)

function into(name: string, run: (backend: Backend, target: Operand, x: Operand, p: number) => void): Calls {
  return fc.tuple(small, draws, constants).map(([length, draw, p]) => ({
    name: `${name} of ${length}, p = ${p}`,
    operands: drawFloats(draw, length, length),
    run: (backend, [target, x]) => run(backend, target!, x!, p),
    changes: [0],
    scale: 8,
  }))
}

// Second moments are never negative.
const blocks = (draw: Draw, length: number, second: readonly number[], count: number) =>
  drawFloats({ ...draw, odd: 0 }, ...Array<number>(count).fill(length)).map((block, i) =>
    second.includes(i) ? block.map((x) => x * x + 0.01) : block,
  )

const adams: Calls = fc
  .record({
    length: small,
    draw: draws,
    amsgrad: fc.boolean(),
    decoupled: fc.boolean(),
    weightDecay: rates,
    t: fc.nat(500),
  })
  .map(({ length, draw, amsgrad, decoupled, weightDecay, t }) => {
    const [beta1, beta2] = [0.9, 0.999]
    const powers = { beta1Power: beta1 ** (t + 1), beta2Power: beta2 ** (t + 1) }
    const settings = {
      learningRate: 0.01,
      beta1,
      beta2,
      epsilon: t % 2 === 0 ? 1e-8 : 0.1,
      weightDecay,
      decoupled,
      ...powers,
    }
    return {
      name: `adam ${JSON.stringify({ length, amsgrad, ...settings })}`,
      operands: blocks(draw, length, [3, 4], amsgrad ? 5 : 4),
      run: (backend, [p, g, m, v, largest]) => backend.adam(p!, g!, m!, v!, largest ?? null, settings),
      changes: amsgrad ? [0, 2, 3, 4] : [0, 2, 3],
      scale: 8,
    }
  })

function unary(name: string, run: (backend: Backend, x: Operand) => unknown): Calls {
  return fc.tuple(small, draws).map(([length, draw]) => ({
    name: `${name} of ${length}`,
    operands: drawFloats(draw, length),
    run: (backend, [x]) => run(backend, x!),
  }))
}

// A function that is missing here does not compile.
export const calls: Record<Exclude<keyof Backend, 'name'>, Calls> = {
  upload: fc.tuple(small, draws).map(([length, draw]) => {
    const [values] = drawFloats(draw, length)
    return { name: `upload of ${length}`, operands: [], run: (backend) => backend.upload(values!) }
  }),
  fill: fc.tuple(small, fc.oneof(constants, fc.constantFrom(Number.NaN, Infinity, -0))).map(([length, value]) => ({
    name: `fill of ${length} with ${value}`,
    operands: [],
    run: (backend) => backend.fill(length, value, 'float32'),
  })),
  copy: unary('copy', (backend, x) => backend.copy(x)),
  cast: fc.oneof(
    unary('cast to float32', (backend, x) => backend.cast(x, 'float32')),
    unary('cast to float64', (backend, x) => backend.cast(x, 'float64')),
    unary('cast to int32', (backend, x) => backend.cast(x, 'int32')),
  ),
  copyInto: into('copyInto', (backend, target, x) => backend.copyInto(target, x)),
  addInto: into('addInto', (backend, target, x) => backend.addInto(target, x)),
  scaleInto: into('scaleInto', (backend, target, _, p) => backend.scaleInto(target, p)),
  lerpInto: into('lerpInto', (backend, target, x, p) => backend.lerpInto(target, x, p)),
  map: maps,
  zip: zips,
  where: wheres,
  reduce: reductions,
  argReduce: argReductions,
  cumsum: cumsums,
  ...(rowFunctions as Record<
    'softmax' | 'logSoftmax' | 'softmaxGrad' | 'logSoftmaxGrad' | 'standardize' | 'standardizeGrad',
    Calls
  >),
  matmul: products,
  permute: permutations,
  broadcastTo: broadcasts,
  slice: slices,
  sliceGrad: sliceGrads,
  concat: concats,
  gather: picking('gather'),
  gatherGrad: picking('gatherGrad'),
  take: picking('take'),
  takeGrad: picking('takeGrad'),
  adam: adams,
}
