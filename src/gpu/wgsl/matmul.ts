// The matrix product with tiles in workgroup memory. A workgroup of 16 by 16 threads computes a square of C. For every 16
// steps of the sum its threads copy a tile of A and a tile of B into workgroup memory, each number once, and then read them
// from there: with 4 by 4 numbers of C per thread, a number read from a buffer serves 64 products.

import type { MatmulSpec } from '../../tensor/backends/backend.ts'
import type { WgslEngine } from './engine.ts'
import { type Shader, shaderText } from './shader.ts'
import type { GpuBuffer } from './webgpu.ts'

/** Numbers of C that a thread computes, in each direction. */
export type PerThread = 1 | 4

type Form = Pick<MatmulSpec, 'transposeA' | 'transposeB'> & { readonly biased: boolean }

/** Squares of 64 by 64 from which a thread computes 4 by 4 numbers; fewer workgroups leave most of a card idle. */
const FOUR_FROM = 32

/** Computes a product into the first of the buffers C, A, B and, with a bias, the row of biases. */
export function product(on: WgslEngine, spec: MatmulSpec, buffers: readonly GpuBuffer[], perThread?: PerThread): void {
  const { batch, m, k, n, transposeA, transposeB } = spec
  const squares = (side: number) => batch * Math.ceil(m / side) * Math.ceil(n / side)
  const per = perThread ?? (squares(64) < FOUR_FROM ? 1 : 4)
  const form = { transposeA, transposeB, biased: buffers.length === 4 }
  const call = { ints: [batch, m, k, n], groups: squares(16 * per) }
  on.run(`matmul ${per} ${JSON.stringify(form)}`, () => productText(per, form), buffers, call)
}

/** C[matrix] = A[matrix] · B[matrix] (+ bias): C is [m, n], and the sum has k steps. */
export function productText(per: PerThread, { transposeA, transposeB, biased }: Form): string {
  const each = (text: (i: number) => string, separator = '\n') =>
    Array.from({ length: per }, (_, i) => text(i)).join(separator)
  const tile = per === 1 ? 'f32' : 'vec4<f32>'
  const load = (call: (i: number) => string) => (per === 1 ? call(0) : `vec4<f32>(${each(call, ', ')})`)
  const part = (value: string, i: number) => (per === 1 ? value : `${value}[${i}]`)
  // Neighbouring threads read neighbouring numbers of a buffer.
  const [aRow, aStep] = transposeA ? ['x', 'y'] : ['y', 'x']
  const [bColumn, bStep] = transposeB ? ['y', 'x'] : ['x', 'y']
  const arrays: Shader['arrays'] = { c: 'read_write', a: 'read', b: 'read', ...(biased ? { bias: 'read' } : {}) }
  return shaderText({
    arrays,
    sizes: ['batch', 'm', 'k', 'n'],
    threads: 256,
    declarations: `var<workgroup> tileA: array<${tile}, 256>; // 16 steps of ${16 * per} rows
var<workgroup> tileB: array<${tile}, 256>; // 16 steps of ${16 * per} columns

fn aAt(matrix: i32, row: i32, step: i32) -> f32 {
  if (row >= u.m || step >= u.k) { return 0.0; }
  return a[${transposeA ? '(matrix * u.k + step) * u.m + row' : '(matrix * u.m + row) * u.k + step'}];
}
fn bAt(matrix: i32, step: i32, column: i32) -> f32 {
  if (step >= u.k || column >= u.n) { return 0.0; }
  return b[${transposeB ? '(matrix * u.n + column) * u.k + step' : '(matrix * u.k + step) * u.n + column'}];
}
fn put(matrix: i32, row: i32, column: i32, sum: f32) {
  if (matrix >= u.batch || row >= u.m || column >= u.n) { return; }
  c[(matrix * u.m + row) * u.n + column] = sum${biased ? ' + bias[column]' : ''};
}
`,
    body: `  let x = thread % 16;
  let y = thread / 16;
  let across = (u.n + ${16 * per - 1}) / ${16 * per};
  let down = (u.m + ${16 * per - 1}) / ${16 * per};
  let matrix = block / (across * down);
  let row = block / across % down * ${16 * per};
  let column = block % across * ${16 * per};
${each((i) => `  var sum${i} = ${tile}();`)}
  for (var step = 0; step < u.k; step += 16) {
    tileA[${aStep} * 16 + ${aRow}] = ${load((i) => `aAt(matrix, row + ${aRow} * ${per} + ${i}, step + ${aStep})`)};
    tileB[${bStep} * 16 + ${bColumn}] = ${load((i) => `bAt(matrix, step + ${bStep}, column + ${bColumn} * ${per} + ${i})`)};
    workgroupBarrier();
    for (var i = 0; i < 16; i++) {
      let left = tileA[i * 16 + y];
      let right = tileB[i * 16 + x];
${each((i) => `      sum${i} += ${part('left', i)} * right;`)}
    }
    workgroupBarrier();
  }
  for (var j = 0; j < ${per}; j++) {
${each((i) => `    put(matrix, row + y * ${per} + ${i}, column + x * ${per} + j, sum${i}${per === 1 ? '' : '[j]'});`)}
  }`,
  })
}
