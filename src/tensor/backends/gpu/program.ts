// A kernel before it is built: a plain function, the sizes that are compiled into it, and its threads.
//
// gpu.js reads the source text of the function, so a kernel may use its arguments, `this.thread`, `this.constants` and Math,
// and nothing from around it: no imports, no outer variables, no optional chaining. A `!` vanishes with the types. Neither a
// minifier nor an instrumenting coverage tool may touch it. Read next: kernels/matmul.ts.
//
// Threads and constants are integers, and stay so under + and *, so an index made of them is exact up to 2³¹. What goes
// through a variable or a division becomes a float32, exact up to 2²⁴. A division of two integers need not be exact on a GPU
// (6 / 3 may give 1.9999999), so a quotient is rounded down as floor((a + 0.5) / b).

/** `this` inside a kernel: which thread runs, and the sizes. */
export interface KernelThis<Constant extends string = never> {
  readonly thread: { readonly x: number; readonly y: number }
  readonly constants: Readonly<Record<Constant, number>>
}

/** Any function; only its source text is used. */
export type KernelSource = ((this: never, ...inputs: never[]) => number | readonly number[]) & { readonly name: string }

export interface Program {
  /** Tells one built kernel from another: functions and sizes. */
  readonly key: string
  readonly kernel: KernelSource
  /** Functions that the kernel calls, under the names it calls them by. */
  readonly helpers: Readonly<Record<string, KernelSource>>
  readonly constants: Readonly<Record<string, number>>
  /** One thread a number of the result, in rows of `width`. */
  readonly width: number
  readonly height: number
  /** Numbers that each thread returns. */
  readonly components: 1 | 4
}

/** A kernel of `width` by `height` threads. */
export function program(
  kernel: KernelSource,
  constants: Readonly<Record<string, number>>,
  width: number,
  height: number,
  helpers: Readonly<Record<string, KernelSource>> = {},
  components: 1 | 4 = 1,
): Program {
  let key = `${kernel.name} ${width}x${height}`
  for (const name in helpers) key += ` ${name}=${helpers[name]!.name}`
  for (const name in constants) key += ` ${name}=${constants[name]}`
  return { key, kernel, helpers, constants, width, height, components }
}

/** The source of a helper under the name its kernel calls it by. */
export function sourceAs(name: string, helper: KernelSource): string {
  return helper.toString().replace(/^function\s*[\w$]*/, `function ${name}`)
}
