// The frame of a kernel's WGSL text. Each array is a buffer; sizes and settings are fields of one uniform struct, so a kernel
// serves all shapes. Read next: kernels.ts.

import { zips } from '../kernels/elementwise.ts'
import { commonFunctions } from '../kernels/functions.ts'

/** Threads of a workgroup, except for products. */
export const THREADS = 64

export interface Shader {
  /** Arrays in the order of their bindings, and whether the kernel writes to them. */
  readonly arrays: Readonly<Record<string, 'read' | 'read_write'>>
  /** Integers of the uniform struct `u`. */
  readonly sizes: readonly string[]
  /** Floats that follow them. */
  readonly settings?: readonly string[]
  /** Memory of the workgroup, and functions of this kernel. */
  readonly declarations?: string
  /** Threads of a workgroup. Default `THREADS`. */
  readonly threads?: number
  /** Statements with `block`, the number of the workgroup, and `thread`, of the thread in it. */
  readonly body: string
}

// Callers stand before the functions that they call. WGSL rejects an infinity that is known when the kernel is compiled.
const functions = Object.entries({
  ...Object.fromEntries(Object.entries(commonFunctions).map(([name, each]) => [name, each.toWgsl()])),
  maximum: zips.maximum.toWgsl(),
  minimum: zips.minimum.toWgsl(),
  placeOf: `fn placeOf(x: f32, best: f32, place: i32, none: f32) -> f32 {
  let isNan = (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
  return select(none, f32(place), x == best || isNan);
}`,
  infinity: 'fn infinity() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }',
})

export function shaderText(shader: Shader): string {
  const { arrays, sizes, settings = [], declarations = '', threads = THREADS, body } = shader
  const fields = [...sizes.map((name) => `${name}: i32`), ...settings.map((name) => `${name}: f32`)]
  const bindings = Object.entries(arrays).map(
    ([name, access], i) => `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<f32>;`,
  )
  let called = declarations + body
  for (const [name, text] of functions) if (called.includes(`${name}(`)) called = `${text}\n${called}`
  const helpers = called.slice(0, called.length - body.length).trimEnd()
  return `struct Sizes { ${fields.join(', ')} }
@group(0) @binding(0) var<uniform> u: Sizes;
${bindings.join('\n')}

${helpers}

@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = i32(local);
  let block = i32(group.y * groups.x + group.x);
${body.trimEnd()}
}
`
}
