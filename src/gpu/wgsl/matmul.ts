// The matrix product with tiles in workgroup memory. A workgroup of 16 by 16 threads computes a square of 64 by 64 numbers of C.
// For every 16 steps of the sum its threads copy a tile of A and a tile of B into workgroup memory, each number once, and read
// them from there. A thread computes 4 by 4 numbers, so 8 numbers that it reads serve 16 products.

import { type Shader, shaderText } from './shader.ts'

/** Rows and columns of C that a workgroup computes. */
export const SIDE = 64

/** C[matrix] = A[matrix] · B[matrix] (+ bias): C is [m, n], and the sum has k steps. */
export function productText(transposeA: boolean, transposeB: boolean, isBiased: boolean): string {
  const four = (text: (i: number) => string, separator = '\n') => [0, 1, 2, 3].map(text).join(separator)
  // Neighbouring threads copy neighbouring numbers.
  const [aRow, aStep] = transposeA ? ['x', 'y'] : ['y', 'x']
  const [bStep, bColumn] = transposeB ? ['x', 'y'] : ['y', 'x']
  const arrays: Shader['arrays'] = { c: 'read_write', a: 'read', b: 'read' }
  return shaderText({
    arrays: isBiased ? { ...arrays, bias: 'read' } : arrays,
    sizes: ['batch', 'm', 'k', 'n'],
    threads: 256,
    declarations: `var<workgroup> tileA: array<vec4<f32>, 256>; // 16 steps of 64 rows
var<workgroup> tileB: array<vec4<f32>, 256>; // 16 steps of 64 columns

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
  c[(matrix * u.m + row) * u.n + column] = sum${isBiased ? ' + bias[column]' : ''};
}
`,
    body: `  let x = thread % 16;
  let y = thread / 16;
  let across = (u.n + 63) / 64;
  let down = (u.m + 63) / 64;
  let matrix = block / (across * down);
  let row = block / across % down * 64;
  let column = block % across * 64;
${four((i) => `  var sum${i} = vec4<f32>();`)}
  for (var step = 0; step < u.k; step += 16) {
    tileA[${aStep} * 16 + ${aRow}] = vec4<f32>(
${four((i) => `      aAt(matrix, row + ${aRow} * 4 + ${i}, step + ${aStep}),`)}
    );
    tileB[${bStep} * 16 + ${bColumn}] = vec4<f32>(
${four((i) => `      bAt(matrix, step + ${bStep}, column + ${bColumn} * 4 + ${i}),`)}
    );
    workgroupBarrier();
    for (var i = 0; i < 16; i++) {
      let left = tileA[i * 16 + y];
      let right = tileB[i * 16 + x];
${four((i) => `      sum${i} += left[${i}] * right;`)}
    }
    workgroupBarrier();
  }
  for (var j = 0; j < 4; j++) {
${four((i) => `    put(matrix, row + y * 4 + ${i}, column + x * 4 + j, sum${i}[j]);`)}
  }`,
  })
}
