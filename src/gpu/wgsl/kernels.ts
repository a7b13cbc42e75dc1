// All kernels but the product, and the text of all by name. Read next: backend.ts, which calls them.

import type { AdamSettings } from '../../tensor/backends/backend.ts'
import { unknownName, ValueError } from '../../tensor/errors.ts'
import { CpuStorage, type Storage } from '../../tensor/storage.ts'
import { adamBy, maps, type Step, zips } from '../kernels/elementwise.ts'
import type { ElementFunction } from '../kernels/functions.ts'
import { type LineRule, lineRules } from '../kernels/lines.ts'
import { productText } from './matmul.ts'
import { shaderText, THREADS } from './shader.ts'

export const cumsumText = () =>
  shaderText({
    arrays: { y: 'read_write', x: 'read' },
    sizes: ['lines', 'size', 'inner', 'first', 'step'],
    body: `  let line = block * ${THREADS} + thread;
  if (line >= u.lines) { return; }
  var total = 0.0;
  for (var j = 0; j < u.size; j++) {
    let at = (line / u.inner * u.size + u.first + j * u.step) * u.inner + line % u.inner;
    total += x[at];
    y[at] = total;
  }`,
  })

export type Pick = 'gather' | 'gatherGrad' | 'take' | 'takeGrad'

/** `gather`, or `take`, whose index is the same for all lines. In a gradient each thread searches for what it is added to. */
export function pickText(name: Pick): string {
  const isFull = name.startsWith('gather')
  const gradient = `  var total = 0.0;
  for (var j = 0; j < u.count; j++) {
    let at = (line / u.size * u.count + j) * u.inner + i % u.inner;
    if (i32(index[${isFull ? 'at' : 'j'}]) == line % u.size) { total += x[at]; }
  }
  y[i] = total;`
  return shaderText({
    arrays: { y: 'read_write', x: 'read', index: 'read' },
    sizes: ['length', 'size', 'count', 'inner'],
    body: `  let i = block * ${THREADS} + thread;
  if (i >= u.length) { return; }
  let line = i / u.inner;
${
  name.endsWith('Grad')
    ? gradient
    : `  let picked = i32(index[${isFull ? 'i' : 'line % u.count'}]);
  y[i] = x[(line / u.count * u.size + picked) * u.inner + i % u.inner];`
}`,
  })
}

const ADAM: AdamSettings = {
  ...{ learningRate: 0, beta1: 0, beta2: 0, epsilon: 0, weightDecay: 0 },
  ...{ decoupled: false, beta1Power: 0, beta2Power: 0 },
}

const texts = (): Readonly<Record<string, () => string>> => {
  const list: Record<string, () => string> = {
    matmul: () => productText(false, false, false),
    cumsum: cumsumText,
  }
  const element = (rule: ElementFunction, arrays: number) => () =>
    elementText([{ rule, target: 0, inputs: Array.from({ length: arrays }, (_, i) => i + 1) }], 0)
  const block = () => CpuStorage.onHeap(new Float32Array(1))
  adamBy((steps) => {
    list.adam = () => elementText(fuse(steps).fused, 0)
  })(block(), block(), block(), block(), null, ADAM)
  for (const rule of Object.values(maps)) list[`map.${rule.name}`] = element(rule, 1)
  for (const rule of Object.values(zips)) list[`zip.${rule.name}`] = element(rule, 2)
  for (const [name, rule] of Object.entries<LineRule>(lineRules)) list[name] = () => lineText(rule, THREADS)
  for (const name of ['gather', 'gatherGrad', 'take', 'takeGrad'] as const) list[name] = () => pickText(name)
  return list
}

/** The names that `wgslText` accepts. */
export const wgslNames = () => Object.keys(texts())

/** A kernel in WGSL, for contiguous arrays. The prefixes `map.` and `zip.` may be omitted. Throws a ValueError for an unknown name. */
export function wgslText(name: string): string {
  const known = texts()
  const text = known[name] ?? known[`map.${name}`] ?? known[`zip.${name}`]
  if (text === undefined) throw new ValueError(unknownName('kernel', name, wgslNames()))
  return text()
}

/** target := rule(inputs, constants), by the numbers of the arrays. */
export interface FusedStep {
  readonly rule: ElementFunction
  readonly target: number
  readonly inputs: readonly number[]
}

/** Numbers the arrays. Each is one, however often it occurs, because a buffer that is written to cannot be bound twice. */
export function fuse(steps: readonly Step[]): { arrays: Storage[]; fused: FusedStep[] } {
  const arrays = [...new Set(steps.flatMap(([, own]) => own))]
  const fused = steps.map(([rule, own]) => {
    const inputs = own.map((array) => arrays.indexOf(array))
    return { rule, target: inputs[0]!, inputs }
  })
  return { arrays, fused }
}

/** Arrays x0, x1, … have a first element each, and strides along `rank` axes; rank 0: stride 1 along the only one. */
export function elementText(steps: readonly FusedStep[], rank: number): string {
  const isRead = (array: number) => steps.some(({ inputs }) => inputs.includes(array))
  const isWritten = (array: number) => steps.some(({ target }) => target === array)
  const arrays = [...new Set(steps.flatMap(({ target, inputs }) => [target, ...inputs]))].sort((a, b) => a - b)
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  let constants = 0
  const statements = steps.map(({ rule, target, inputs }) => {
    const taken = rule.parameters.slice(inputs.length).map(() => `u.p${constants++}`)
    return `  x${target} = ${rule.name}Rule(${[...inputs.map((i) => `x${i}`), ...taken].join(', ')});\n`
  })
  const lines = (list: readonly number[], text: (i: number) => string) => list.map((i) => `  ${text(i)}\n`).join('')
  return shaderText({
    arrays: Object.fromEntries(arrays.map((i) => [`array${i}`, isWritten(i) ? 'read_write' : 'read'] as const)),
    sizes: [
      'length',
      ...arrays.map((i) => `first${i}`),
      ...axes.flatMap((axis) => [`size${axis}`, ...arrays.map((i) => `stride${i}_${axis}`)]),
    ],
    settings: Array.from({ length: constants }, (_, i) => `p${i}`),
    declarations: [...new Set(steps.map(({ rule }) => rule))]
      .map((rule) => `${rule.toWgsl(`${rule.name}Rule`)}\n`)
      .join(''),
    body: `  let i = block * ${THREADS} + thread;
  if (i >= u.length) { return; }
${lines(arrays, (i) => `var at${i} = u.first${i}${rank === 0 ? ' + i' : ''};`)}${rank === 0 ? '' : '  var rest = i;\n'}\
${lines(
  axes.toReversed(),
  (axis) => `let i${axis} = rest % u.size${axis}; rest /= u.size${axis};
  ${arrays.map((i) => `at${i} += i${axis} * u.stride${i}_${axis};`).join(' ')}`,
)}\
${lines(arrays, (i) => (isRead(i) ? `var x${i} = array${i}[at${i}];` : `var x${i}: f32;`))}${statements.join('')}\
${lines(arrays.filter(isWritten), (i) => `array${i}[at${i}] = x${i};`)}`,
  })
}

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
