// Kernels with one thread per position, for maps, zips, copies and updates. Several steps are fused: later steps work on the
// results of earlier ones in registers.

import type { Storage } from '../../tensor/storage.ts'
import type { Step } from '../kernels/elementwise.ts'
import type { ElementFunction } from '../kernels/functions.ts'
import { shaderText, THREADS } from './shader.ts'

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
