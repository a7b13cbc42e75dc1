// The frame of a kernel's WGSL text. Each array is a buffer; sizes and settings are fields of one uniform struct, so a kernel
// serves all shapes. Read next: kernels.ts.

import { functions } from './functions.ts'

/** Threads of a workgroup, except for products. */
export const THREADS = 64

export interface Shader {
  /** Arrays in the order of their bindings, and whether the kernel writes to them. */
  readonly arrays: Readonly<Record<string, 'read' | 'read_write'>>
  /** Integers of the uniform struct `u`. */
  readonly sizes: readonly string[]
  /** Floats that follow them; the body has them as variables. */
  readonly settings?: readonly string[] | undefined
  /** Memory of the workgroup, and functions of this kernel. */
  readonly declarations?: string
  /** Threads of a workgroup. Default `THREADS`. */
  readonly threads?: number
  /** Statements with `block`, the number of the workgroup, and `thread`, of the thread in it. */
  readonly body: string
}

export function shaderText({
  arrays,
  sizes,
  settings = [],
  declarations = '',
  threads = THREADS,
  body,
}: Shader): string {
  const fields = [...sizes.map((name) => `${name}: i32`), ...settings.map((name) => `${name}: f32`)]
  const bindings = Object.entries(arrays).map(
    ([name, access], i) => `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<f32>;`,
  )
  let called = declarations + body
  let helpers = ''
  for (const [name, text] of Object.entries(functions)) {
    if (!new RegExp(`\\b${name}\\(`).test(called)) continue
    called += text
    helpers += `fn ${name}${text}\n`
  }
  return `struct Sizes { ${fields.join(', ')} }
@group(0) @binding(0) var<uniform> u: Sizes;
${bindings.join('\n')}
${helpers}${declarations}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let thread = i32(local);
  let block = i32(group.y * groups.x + group.x);
${settings.map((name) => `  let ${name} = u.${name};\n`).join('')}${body}
}
`
}
