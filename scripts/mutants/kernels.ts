// Errors in the kernels: their edges (a last, partial vector; an empty sum; a NaN), and the way that they are called.

import { mutantsOf } from './mutant.ts'

const parity = ['test/tensor/backends/parity.test.ts']
const bounds = ['test/tensor/backends/wasm/staging.test.ts']
const golden = ['test/tensor/golden-ops.test.ts']
const accuracy = ['test/tensor/backends/accuracy.test.ts']

export const kernelMutants = [
  ...mutantsOf('src/tensor/backends/wasm/vectors.ts', parity, [
    ['code.if(left, () => body(partialVectors(code, left)))', ''],
    ['code.set(vector, v128.load32_lane(at, vector, 2, 8))', 'code.set(vector, v128.load32_lane(at, vector, 2, 4))'],
    ['code.do(v128.store32_lane(at, value, 2, 8))', 'code.do(v128.store32_lane(at, value, 1, 8))'],
    [
      'keep: (value) => v128.and(value, i32x4.lt_s(i32x4.constant(0, 1, 2, 3), i32x4.splat(count)))',
      'keep: (value) => value',
    ],
    ['f32x4.shuffle(pairs, pairs, [2, 3, 0, 1])', 'f32x4.shuffle(pairs, pairs, [1, 0, 3, 2])'],
    ['f32x4.shuffle(term, term, [2, 3, 2, 3])', 'f32x4.shuffle(term, term, [0, 1, 0, 1])'],
    ['f32x4.shuffle(ab23, cd23, [0, 1, 4, 5])', 'f32x4.shuffle(ab23, cd23, [0, 1, 6, 7])'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/vectors.ts', bounds, [
    ['code.do(v128.store32_lane(at, value, 0))', 'code.do(v128.store64_lane(at, value, 0))'],
    ['code.do(v128.store64_lane(at, value, 0))', 'code.do(v128.store(at, value))'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/matmul.ts', parity, [
    ['if (k === 0) emptySums(p)', 'if (k === 0) return'],
    ['bias === null || n > 1 ? at : oneValue(onlyBias, numberAt(at))', 'at'],
    ['const lane = p.startStep === 0 ? 0 : 4 * j', 'const lane = 0'],
    ['product.a += 4 * m * k', 'product.a += 0'],
    ['if (p.bTransposed) kernels.matmulDots(contiguous(a, aStep, k), b', 'if (p.bTransposed) kernels.matmulDots(a, b'],
    [
      'if (aStep === 4) kernels.matmulDots(b, a, aRow, c, m, k, start, 0)',
      'if (true) kernels.matmulDots(b, a, aRow, c, m, k, start, 0)',
    ],
    [
      'const isLarge = p.m * n * k > LARGE && n >= 8',
      'const isLarge = p.m * n * k > LARGE',
      'a product that large with few rows or columns is packed as well, with the same sums',
    ],
    ['l === 0\n            ? { start: p.start', 'true\n            ? { start: p.start'],
    ['Math.min(4, n - j), k, s, startRow)', '4, k, s, startRow)'],
    ['narrow += 16 * k', 'narrow += 0'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/matmul-kernels.ts', parity, [
    ['code.advance(t.start, i32.shl(t.startStep, 1))', 'code.advance(t.start, t.startStep)'],
    ['v128.load(bk, offset + 16)', 'v128.load(bk, offset)'],
    ['code.advance(t.b, t.bPanel)', ''],
    ['v128.load(i32.add(si, startStep))', 'v128.load(si)'],
    ['v128.store(ci, right, 16)', 'v128.store(ci, left, 16)'],
    ['code.advance(start, i32.shl(startStep, 2))', 'code.advance(start, startStep)'],
    ['code.do(v128.store(c, f32x4.add(v128.load(start), sums)))', 'code.do(v128.store(c, sums))'],
  ]),
  ...mutantsOf(
    'src/tensor/backends/wasm/vectors.ts',
    [...parity, ...bounds],
    [['i32.mul(stride, i32.gt_u(count, i))', 'stride']],
  ),
  ...mutantsOf('src/tensor/backends/wasm/elementary.ts', parity, [
    ['f32x4.pmin(f32x4.pmax(x, -104.5), 89)', 'f32x4.pmin(f32x4.pmax(x, -80), 80)'],
    ['f32x4.pmin(f32x4.pmax(x, -104.5), 89)', 'f32x4.pmin(89, f32x4.pmax(-104.5, x))'],
    ['v128.bitselect(f32x4.mul(given, 8388608), given, isDenormal)', 'given'],
    ['v128.bitselect(constant(-Infinity), finite, f32x4.eq(given, 0))', 'finite'],
    ['v128.or(overZero, v128.not(f32x4.ge(given, 0)))', 'overZero'],
    ['v128.bitselect(given, sum, f32x4.eq(given, Infinity))', 'sum'],
    ['f32x4.pmin(f32x4.pmax(x, -9.05), 9.05)', 'x'],
    ['v128.bitselect(e, constant(1), f32x4.lt(given, 0))', 'constant(1)'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/elementwise-kernels.ts', parity, [
    ['relu: (x) => f32x4.pmax(x, 0)', 'relu: (x) => f32x4.pmax(0, x)'],
    ['f32x4.ne(x, x)),', 'f32x4.eq(x, 5e38)),'],
    ['maximum: (a, b) => f32x4.max(a, b)', 'maximum: (a, b) => f32x4.pmax(a, b)'],
    [
      'clampGrad: (dy, x, p, q) => v128.and(dy, v128.and(f32x4.ge(x, p), f32x4.le(x, q)))',
      'clampGrad: (dy, x, p, q) => v128.and(dy, v128.and(f32x4.gt(x, p), f32x4.lt(x, q)))',
    ],
    ['reluGrad: (dy, x) => v128.and(dy, f32x4.gt(x, 0))', 'reluGrad: (dy, x) => v128.and(dy, f32x4.ge(x, 0))'],
    ['code.advance(b, bRow)', 'code.advance(b, aRow)'],
    ['v128.bitselect(left, right, isSet)', 'v128.bitselect(right, left, isSet)'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/elementwise-kernels.ts', accuracy, [
    ['elementary.expMinusOne(code, f32x4.pmin(x, 0))', 'f32x4.sub(elementary.exp(code, f32x4.pmin(x, 0)), 1)'],
    ['f32x4.pmin(f32x4.abs(x), 1e9)', 'x'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/reduce-kernels.ts', parity, [
    ['code.if(i32.or(better(value, best), isNewNaN), () => {', 'code.if(better(value, best), () => {'],
    ['code.advance(x, i32.mul(stride, i32.sub(size, 1)))', ''],
    ['combine(best, lanes.load(at, start))', 'combine(best, lanes.load(at))'],
    ['f32x4.add(pair(0), pair(32))', 'pair(0)'],
    ['forEachVector(code, left, [at], (lanes) => sum.add(lanes.load(at)))', ''],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/row-kernels.ts', parity, [
    [
      "const e = code.let('power', elementary.exp(code, f32x4.sub(access.load(at!, -Infinity), shift)))",
      "const e = code.let('power', elementary.exp(code, f32x4.sub(access.load(at!), shift)))",
    ],
    ['f32x4.mul(access.load(p!), f32x4.sub(left, dot))', 'f32x4.mul(access.load(p!), left)'],
    ['f32x4.sub(left, f32x4.mul(p, total))', 'left'],
    ['f32x4.sub(f32x4.sub(access.load(at!), shift), logSum)', 'f32x4.sub(access.load(at!), logSum)'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/row-kernels.ts', parity, [
    [
      'const centredGradient = f32x4.sub(f32x4.sub(left, mean), f32x4.mul(right, dot))',
      'const centredGradient = f32x4.sub(left, f32x4.mul(right, dot))',
    ],
    ['lanes.keep(centred(lanes.load(at!)))', 'centred(lanes.load(at!))'],
  ]),
  ...mutantsOf(
    'src/tensor/backends/wasm/row-kernels.ts',
    [...parity, ...bounds],
    [
      [
        '      code.if(i32.lt_u(rows, 4), () => code.set(rows, 4))\n',
        '      code.if(i32.lt_u(rows, 4), () => code.set(rows, 8))\n',
      ],
    ],
  ),
  ...mutantsOf('src/tensor/backends/wasm/row-kernels.ts', accuracy, [
    ['f32x4.sub(f32x4.sub(value, highs), lows)', 'f32x4.sub(value, highs)'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/move-kernels.ts', parity, [
    ['code.advance(beside, i32.shl(i32.and(inner, 3), 2)) // past the last, partial vector', ''],
    ['code.do(f32.store(at, f32.add(f32.load(at), f32.load(dy))))', 'code.do(f32.store(at, f32.load(dy)))'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/moving.ts', parity, [
    ['        kernels.fill(to, sizeOf(shape), 0)\n', ''],
    ['      kernels.fill(to, length, 0)\n', ''],
    [
      'copyStrided(axesOf(dyShape, stridesOf(dyShape), strides), from, to + 4 * first)',
      'copyStrided(axesOf(dyShape, stridesOf(dyShape), strides), from, to)',
    ],
  ]),
  ...mutantsOf('src/tensor/backends/strided.ts', parity, [
    ['if (axis.size === 1) continue', '', 'axes of size 1 are only left out for speed'],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/moving.ts', parity, [
    ['if (columns < column.size) edge(0, columns, row.size, column.size - columns)', ''],
    ['if (rows < row.size) edge(rows, 0, row.size - rows, columns)', ''],
  ]),
  ...mutantsOf('src/tensor/backends/wasm/staging.ts', parity, [
    ['if (before !== null) memory.reset(before)', ''],
    ['else if (array !== null) array.set(memory.f32.subarray(at >>> 2, (at >>> 2) + length))', ''],
  ]),
  ...mutantsOf('src/tensor/backends/reference/matmul.ts', golden, [
    ['transposeA ? l * m + i : i * k + l', 'i * k + l'],
    ['let sum = start === null ? 0 : start[start.length > n ? g * n + j : j]!', 'let sum = 0'],
  ]),
  ...mutantsOf('src/tensor/backends/reference/over-axes.ts', golden, [
    ['const step = reverse ? -inner : inner', 'const step = inner'],
    ['out[j] = p[j]! * (g[j]! - dot)', 'out[j] = p[j]! * g[j]!'],
    ['out[j] = g[j]! - exp(logP[j]!) * sum', 'out[j] = g[j]!'],
    ['g[j]! - sum / columns - (normal * dot) / columns', 'g[j]! - sum / columns'],
  ]),
]
