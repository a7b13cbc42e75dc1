// Kernels with one thread per element: a rule as WGSL statements, and the text that applies it at each position.

import { maps, zips } from './functions.ts'
import { shaderText, THREADS } from './shader.ts'

/** Statements on the elements of some arrays at one position. */
export interface ElementRule {
  /** `write`: set without being read. */
  readonly arrays: Readonly<Record<string, 'read' | 'write' | 'update'>>
  readonly settings?: readonly string[]
  readonly body: string
}

const ofOne: ElementRule['arrays'] = { y: 'write', x: 'read' }
const ofTwo: ElementRule['arrays'] = { y: 'write', a: 'read', b: 'read' }

/** Updates parameter p by gradient g, and the arrays named in `state`. */
function optimizer(state: string, settings: string, body: string): ElementRule {
  const updated = Object.fromEntries(state.split(' ').map((name) => [name, 'update'] as const))
  return {
    arrays: { p: 'update', g: 'read', ...(state === '' ? {} : updated) },
    settings: ['rate', 'decay', ...settings.split(' ')].filter((name) => name !== ''),
    body: `let grad = g + decay * p; ${body}`,
  }
}

const MOMENTUM = 'v = keep * v + gain * grad;'
const MOMENTS = 'm = keep1 * m + gain1 * grad; v = keep2 * v + gain2 * grad * grad;'
const ADAM = 'keep1 gain1 keep2 gain2 root epsilon shrink'
const RMS = 's = alpha * s + gain * grad * grad;'
const CENTERED = `${RMS} mean = alpha * mean + gain * grad; let step = grad / (sqrt(s - mean * mean) + epsilon);`
const UNCENTERED = `${RMS} let step = grad / (sqrt(s) + epsilon);`

/** Each is one kernel, also an optimizer's update. Settings are computed on the CPU in float64. */
export const elementRules: Readonly<Record<string, ElementRule>> = {
  fill: { arrays: { y: 'write' }, settings: ['p'], body: 'y = p;' },
  copy: { arrays: ofOne, body: 'y = x;' },
  truncate: { arrays: ofOne, body: 'y = trunc(x);' },
  where: { arrays: { y: 'write', c: 'read', a: 'read', b: 'read' }, body: 'y = select(a, b, c == 0.0);' },
  addInto: { arrays: { y: 'update', x: 'read' }, body: 'y = y + x;' },
  scaleInto: { arrays: { y: 'update' }, settings: ['p'], body: 'y = y * p;' },
  lerpInto: { arrays: { y: 'update', x: 'read' }, settings: ['p'], body: 'y = y + p * (x - y);' },
  sgd: optimizer('', '', 'p = p - rate * grad;'),
  'sgd.momentum': optimizer('v', 'keep gain', `${MOMENTUM} p = p - rate * v;`),
  'sgd.nesterov': optimizer('v', 'keep gain momentum', `${MOMENTUM} p = p - rate * (grad + momentum * v);`),
  adam: optimizer('m v', ADAM, `${MOMENTS} p = p * shrink - rate * m / (sqrt(v) / root + epsilon);`),
  'adam.amsgrad': optimizer(
    'm v largest',
    ADAM,
    `${MOMENTS} largest = maximum(largest, v); p = p * shrink - rate * m / (sqrt(largest) / root + epsilon);`,
  ),
  rmsprop: optimizer('s', 'alpha gain epsilon', `${UNCENTERED} p = p - rate * step;`),
  'rmsprop.centered': optimizer('s mean', 'alpha gain epsilon', `${CENTERED} p = p - rate * step;`),
  'rmsprop.momentum': optimizer(
    's v',
    'alpha gain epsilon momentum',
    `${UNCENTERED} v = momentum * v + step; p = p - rate * v;`,
  ),
  'rmsprop.centered.momentum': optimizer(
    's mean v',
    'alpha gain epsilon momentum',
    `${CENTERED} v = momentum * v + step; p = p - rate * v;`,
  ),
  adagrad: optimizer('s', 'epsilon', 's = s + grad * grad; p = p - rate * grad / (sqrt(s) + epsilon);'),
  ...rulesOf('map', maps, ofOne),
  ...rulesOf('zip', zips, ofTwo),
}

function rulesOf(kind: string, expressions: Readonly<Record<string, string>>, arrays: ElementRule['arrays']) {
  const rule = (expression: string): ElementRule => ({ arrays, settings: ['p', 'q'], body: `y = ${expression};` })
  return Object.fromEntries(Object.entries(expressions).map(([name, text]) => [`${kind}.${name}`, rule(text)]))
}

/** One thread per position. Arrays are read by strides along `rank` axes; rank 0: all are contiguous. */
export function elementText({ arrays, settings, body }: ElementRule, rank: number): string {
  const names = Object.keys(arrays)
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const list = (text: (name: string) => string) => names.map(text).join(' ')
  const at = (name: string) => `${name}Buffer[${name}At]`
  const place = (axis: number) => `  let i${axis} = rest % u.size${axis}; rest /= u.size${axis};
  ${list((name) => `${name}At += i${axis} * u.${name}Stride${axis};`)}\n`
  return shaderText({
    arrays: Object.fromEntries(
      names.map((name) => [`${name}Buffer`, arrays[name] === 'read' ? 'read' : 'read_write'] as const),
    ),
    sizes: [
      'length',
      ...names.map((name) => `${name}First`),
      ...axes.flatMap((axis) => [`size${axis}`, ...names.map((name) => `${name}Stride${axis}`)]),
    ],
    settings,
    body: `  let i = block * ${THREADS} + thread;
  if (i >= u.length) { return; }
  ${list((name) => `var ${name}At = u.${name}First${rank === 0 ? ' + i' : ''};`)}
${rank === 0 ? '' : '  var rest = i;\n'}${axes.reverse().map(place).join('')}\
  ${list((name) => (arrays[name] === 'write' ? `var ${name}: f32;` : `var ${name} = ${at(name)};`))}
  ${body}
  ${list((name) => (arrays[name] === 'read' ? '' : `${at(name)} = ${name};`)).trim()}`,
  })
}
