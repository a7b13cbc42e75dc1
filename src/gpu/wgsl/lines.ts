// Kernels along one axis of [outer, size, inner]: reductions, softmax and standardisation, each in one kernel.

import { shaderText, THREADS } from './shader.ts'

/** Numbers of a line along an axis, each computed from all of its elements. */
export interface LineRule {
  readonly arrays: readonly ('a' | 'b')[]
  /** Name, how the terms are combined, and the term of element j. */
  readonly stages: readonly (readonly [name: string, combine: 'sum' | 'maximum' | 'minimum', term: string])[]
  /** The result for each element; with `perLine`, for the line. */
  readonly result: string
  readonly perLine?: true
}

const reduction = (combine: 'sum' | 'maximum' | 'minimum'): LineRule => {
  return { arrays: ['a'], stages: [['total', combine, 'a']], result: 'total', perLine: true }
}
const argReduction = (combine: 'maximum' | 'minimum'): LineRule => {
  const place = 'select(n, f32(j), a == best || (isNan(a) && isNan(best)))'
  return { arrays: ['a'], stages: [['best', combine, 'a'], ['place', 'minimum', place]], result: 'place', perLine: true } // biome-ignore format: stages
}
const exponentials = [['top', 'maximum', 'a'], ['total', 'sum', 'expOf(a - top)']] as const // biome-ignore format: stages
const moments = (x: string) =>
  [['total', 'sum', x], ['squares', 'sum', `(${x} - total / n) * (${x} - total / n)`]] as const // biome-ignore format: stages

export const lineRules = {
  sum: reduction('sum'),
  max: reduction('maximum'),
  min: reduction('minimum'),
  argmax: argReduction('maximum'),
  argmin: argReduction('minimum'),
  softmax: { arrays: ['a'], stages: exponentials, result: 'expOf(a - top) / total' },
  logSoftmax: { arrays: ['a'], stages: exponentials, result: 'a - top - logOf(total)' },
  softmaxGrad: { arrays: ['a', 'b'], stages: [['dot', 'sum', 'a * b']], result: 'b * (a - dot)' },
  logSoftmaxGrad: { arrays: ['a', 'b'], stages: [['total', 'sum', 'a']], result: 'a - expOf(b) * total' },
  standardize: { arrays: ['a'], stages: moments('a'), result: '(a - total / n) / sqrt(squares / n + u.epsilon)' },
  standardizeGrad: {
    arrays: ['a', 'b'],
    stages: [...moments('b'), ['slope', 'sum', 'a'], ['dot', 'sum', 'a * (b - total / n)']],
    result: '(a - slope / n - (b - total / n) * dot / n / (squares / n + u.epsilon)) / sqrt(squares / n + u.epsilon)',
  },
} satisfies Record<string, LineRule>

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
${stages.map(stage).join('')}${perLine ? `  if (lane == 0 && line < u.lines) { y[line] = ${result}; }` : forEach(`y[at] = ${result};`)}`,
  })
}
