// The remaining kernels, and the text of all by name. Read next: backend.ts, which calls them.

import type { AdamSettings } from '../../tensor/backends/backend.ts'
import { unknownName, ValueError } from '../../tensor/errors.ts'
import { CpuStorage } from '../../tensor/storage.ts'
import { adamBy, maps, zips } from '../kernels/elementwise.ts'
import type { ElementFunction } from '../kernels/functions.ts'
import { type LineRule, lineRules } from '../kernels/lines.ts'
import { elementText, fuse } from './elements.ts'
import { lineText } from './lines.ts'
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
