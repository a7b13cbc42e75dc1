// A kernel before it is built: a plain function, the sizes that are compiled into it, and its threads.
//
// gpu.js reads the source text of the function, so a kernel may use its arguments, `this.thread`, `this.constants` and Math,
// and nothing from around it: no imports, no outer variables, no optional chaining. A `!` vanishes with the types. An
// instrumenting coverage tool may not touch it. A minifier may (test/gpu/minified.test.ts), as long as no block under an
// `if` in a loop declares a variable. Read next: kernels/matmul.ts.
//
// Threads and constants are integers, and stay so under + and *, so an index made of them is exact up to 2³¹. What goes
// through a variable, a function or a division becomes a float32, exact up to 2²⁴: see `quotient` in kernels/functions.ts.

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
  let key = `${nameOf(kernel)} ${width}x${height}`
  for (const name in helpers) key += ` ${name}=${nameOf(helpers[name]!)}`
  for (const name in constants) key += ` ${name}=${constants[name]}`
  return { key, kernel, helpers, constants, width, height, components }
}

// A name and a number: in a program that was made smaller, functions of two files may share a name.
const numbered = new WeakMap<KernelSource, number>()
let last = 0

function nameOf(source: KernelSource): string {
  if (!numbered.has(source)) numbered.set(source, ++last)
  return `${source.name}#${numbered.get(source)}`
}

/** The largest whole number up to which all are float32 numbers. */
export const EXACT = 2 ** 24

/** The same kernel as a list of threads, rows laid end to end: where a table would be too tall or too wide for a texture. */
export function asList(table: Program): Program {
  const { key, constants, width, height } = table
  const rows = { ...constants, rowWidth: width }
  return { ...table, key: `${key} end to end`, constants: rows, width: width * height, height: 1 }
}

/** The source of a kernel. In a list, the row and the place in it have to be worked out. */
export function sourceOf({ kernel, constants }: Program): string {
  const source = kernel.toString()
  if (constants.rowWidth === undefined) return source
  const row = 'quotient(this.thread.x, this.constants.rowWidth)'
  return source.replace(/this\.thread\.[xy]/g, (which) =>
    which === 'this.thread.y' ? row : `(this.thread.x - ${row} * this.constants.rowWidth)`,
  )
}

/** True if an index of this kernel goes through a float32. */
export function indexesByFloat(program: Program): boolean {
  return sourceOf(program).includes('quotient(')
}

/** The source of a helper under the name its kernel calls it by. */
export function sourceAs(name: string, helper: KernelSource): string {
  return helper.toString().replace(/^function\s*[\w$]*/, `function ${name}`)
}
