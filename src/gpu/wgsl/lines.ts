// The text of kernels along one axis, by the rules of ../kernels/lines.ts: each computes all stages and the results.

import type { LineRule } from '../kernels/lines.ts'
import { shaderText, THREADS } from './shader.ts'

/** `lanes` threads per line, a power of two: each combines some of the elements, then they combine theirs in workgroup memory. */
export function lineText({ arrays, stages, result, perLine }: LineRule, lanes: number): string {
  const forEach = (statement: string) =>
    `  for (var j = lane; j < size && first + j * u.inner < u.length; j += ${lanes}) {
    let at = first + j * u.inner;
    ${arrays.map((name) => `let ${name} = ${name}Buffer[at];`).join(' ')}
    ${statement}
  }`
  const start = { sum: '0.0', maximum: '-infinity()', minimum: 'infinity()' }
  const stage = ([name, combine, term]: LineRule['stages'][number]) => {
    const combined = (x: string, y: string) => (combine === 'sum' ? `${x} + ${y}` : `${combine}(${x}, ${y})`)
    const inOneLane = `  var ${name} = ${start[combine]};\n${forEach(`${name} = ${combined(name, term)};`)}\n`
    if (lanes === 1) return inOneLane
    return `${inOneLane}  partial[thread] = ${name};
  workgroupBarrier();
  for (var reach = ${lanes / 2}; reach > 0; reach /= 2) {
    if (lane < reach) { partial[thread] = ${combined('partial[thread]', 'partial[thread + reach]')}; }
    workgroupBarrier();
  }
  ${name} = partial[thread - lane];
  workgroupBarrier();\n`
  }
  return shaderText({
    arrays: { y: 'read_write', ...Object.fromEntries(arrays.map((name) => [`${name}Buffer`, 'read'] as const)) },
    sizes: ['lines', 'size', 'inner', 'length'],
    settings: ['epsilon'], // of standardisation
    declarations: lanes === 1 ? '' : `var<workgroup> partial: array<f32, ${THREADS}>;\n`,
    body: `  let lane = thread % ${lanes};
  let line = block * ${THREADS / lanes} + thread / ${lanes};
  let size = select(0, u.size, line < u.lines);
  let first = line / u.inner * u.size * u.inner + line % u.inner;
  let n = f32(u.size);
  let epsilon = u.epsilon;
${stages.map(stage).join('')}${perLine ? `  if (lane == 0 && line < u.lines) { y[line] = ${result}; }` : forEach(`y[at] = ${result};`)}`,
  })
}
