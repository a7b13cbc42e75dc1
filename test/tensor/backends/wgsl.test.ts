// The text of the WGSL kernels, without an adapter; test/gpu compiles and runs them.

import { expect, it } from 'vitest'
import { lerp, zips } from '../../../src/gpu/kernels/elementwise.ts'
import { elementText, wgslNames, wgslText } from '../../../src/gpu/wgsl/kernels.ts'

const LANGUAGE = /^(group|binding|builtin|workgroup_size|workgroupBarrier|i32|f32|select|if|for)$/
const MATHS = /^(abs|ceil|exp|floor|log|pow|sqrt)$/

it.each(wgslNames())('%s declares what it calls, once, and uses its buffers', (name) => {
  const text = wgslText(name)
  const declared = [...text.matchAll(/\bfn (\w+)\(/g)].map(([, each]) => each!)
  expect(new Set(declared).size).toBe(declared.length)
  for (const [, called] of text.matchAll(/(\w+)\(/g)) {
    if (!LANGUAGE.test(called!) && !MATHS.test(called!)) expect(declared).toContain(called)
  }
  const bindings = [...text.matchAll(/@binding\((\d)\)/g)].map(([, each]) => Number(each))
  expect(bindings).toEqual(bindings.map((_, i) => i))
  for (const [, buffer] of text.matchAll(/var<storage, \w+> (\w+)/g)) expect(text).toContain(`${buffer}[`)
})

it('a product keeps its tiles in workgroup memory, between two barriers', () => {
  expect(wgslText('matmul')).toMatch(/var<workgroup> tileA.*tileB\[.*workgroupBarrier\(\);.*tileA\[.*workgroupBarrier/s)
})

it('steps are fused: the second reads in a register what the first has computed', () => {
  const steps = [
    { rule: lerp, target: 1, inputs: [1, 2] },
    { rule: zips.add, target: 0, inputs: [0, 1] },
  ]
  const text = elementText(steps, 0)
  expect(text).toContain('x1 = lerpRule(x1, x2, u.p0);\n  x0 = addRule(x0, x1);')
  expect(text).toContain('var<storage, read> array2')
  expect(text.match(/array1\[/g)).toHaveLength(2) // read once, written once
  expect(elementText([{ rule: zips.add, target: 0, inputs: [1, 2] }], 2)).toContain('at2 += i1 * u.stride2_1;')
})
