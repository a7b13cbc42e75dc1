// A kernel before it is compiled: a function, the sizes compiled into it, and its threads.
//
// gpu.js translates the function's source text. A kernel may use its arguments, `this.thread`, `this.constants` and Math,
// but no imports, outer variables or optional chaining; TypeScript's `!` is erased. Instrumenting coverage tools break
// kernels. Minifiers do not (test/gpu/minified.test.ts), unless a block under an `if` in a loop declares a variable.
// Read next: matmul.ts.
//
// Threads and constants are integers and stay integers under + and *, so an index computed from them is exact up to 2³¹.
// A value that passes through a variable, a function or a division becomes a float32, exact up to 2²⁴: see `quotient` in
// functions.ts.

import type { ElementFunction } from '../kernels/functions.ts'

/** `this` inside a kernel: the running thread, and the sizes. */
export interface KernelThis<Constant extends string = never> {
  readonly thread: { readonly x: number; readonly y: number }
  readonly constants: Readonly<Record<Constant, number>>
}

/** A function, or any named source text; only the text is used. */
export interface KernelSource {
  readonly name: string
  toString(): string
}

export interface Program {
  /** Identifies the compiled kernel: functions and sizes. */
  readonly key: string
  readonly kernel: KernelSource
  /** Functions that the kernel calls, by the names it uses. */
  readonly helpers: Readonly<Record<string, ElementFunction>>
  readonly constants: Readonly<Record<string, number>>
  /** One thread per result, in `height` rows of `width`. */
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
  helpers: Readonly<Record<string, ElementFunction>> = {},
  components: 1 | 4 = 1,
): Program {
  let key = `${nameOf(kernel)} ${width}x${height}`
  for (const name in helpers) key += ` ${name}=${nameOf(helpers[name]!)}`
  for (const name in constants) key += ` ${name}=${constants[name]}`
  return { key, kernel, helpers, constants, width, height, components }
}

/**
 * A kernel that applies `apply` to one element of each of `arrays` arrays, then to constants. The arrays have `length`
 * elements; with `broadcast`, the result has rows of `width`, and each array its strides along and between rows.
 */
export function elements(
  apply: ElementFunction,
  arrays: number,
  length: number,
  broadcast?: { readonly width: number; readonly strides: readonly { readonly x: number; readonly y: number }[] },
): Program {
  const kernel = elementKernel(arrays, apply.parameters.length - arrays, broadcast !== undefined)
  if (broadcast === undefined) return program(kernel, {}, length, 1, { apply })
  const { width, strides } = broadcast
  const constants = Object.fromEntries(strides.flatMap(({ x, y }, i) => [[`x${i}`, x], [`y${i}`, y]])) // biome-ignore format: pairs
  return program(kernel, constants, width, width === 0 ? 0 : length / width, { apply })
}

function elementKernel(arrays: number, numbers: number, strided: boolean): KernelSource {
  return textKernel(`elements of ${arrays} arrays${strided ? ', broadcast' : ''}, ${numbers} constants`, () => {
    const list = (count: number, each: (i: number) => string) => Array.from({ length: count }, (_, i) => each(i))
    const index = (i: number) => `this.thread.y * this.constants.y${i} + this.thread.x * this.constants.x${i}`
    const values = list(arrays, (i) => `a${i}[${strided ? index(i) : 'this.thread.x'}]`)
    const constants = list(numbers, (i) => `p${i}`)
    const parameters = [...list(arrays, (i) => `a${i}`), ...constants]
    return `function kernel(${parameters.join(', ')}) { return apply(${[...values, ...constants].join(', ')}) }`
  })
}

const textKernels = new Map<string, KernelSource>()

/** A kernel whose text is written at its first use, the same one for a name. */
export function textKernel(name: string, write: () => string): KernelSource {
  const known = textKernels.get(name)
  if (known !== undefined) return known
  const source = write()
  const kernel = { name, toString: () => source }
  textKernels.set(name, kernel)
  return kernel
}

// A name and a number, because minified functions of different files may share a name.
const numbered = new WeakMap<KernelSource, number>()
let last = 0

function nameOf(source: KernelSource): string {
  if (!numbered.has(source)) numbered.set(source, ++last)
  return `${source.name}#${numbered.get(source)}`
}

/** All integers up to this one are float32 numbers. */
export const EXACT = 2 ** 24

/** The same kernel with its rows of threads laid end to end, for results that exceed a texture's height or width. */
export function asList(table: Program): Program {
  const { key, constants, width, height } = table
  const rows = { ...constants, rowWidth: width }
  return { ...table, key: `${key} end to end`, constants: rows, width: width * height, height: 1 }
}

/** The source of a kernel. In a list (`asList`), row and column are computed from the thread. */
export function sourceOf({ kernel, constants }: Program): string {
  const source = kernel.toString()
  if (constants.rowWidth === undefined) return source
  const row = 'quotient(this.thread.x, this.constants.rowWidth)'
  return source.replace(/this\.thread\.[xy]/g, (which) =>
    which === 'this.thread.y' ? row : `(this.thread.x - ${row} * this.constants.rowWidth)`,
  )
}

/** True if an index of this kernel passes through a float32. */
export function indexesByFloat(program: Program): boolean {
  return sourceOf(program).includes('quotient(')
}

/** The source of a helper under the name its kernel uses. */
export function sourceAs(name: string, helper: ElementFunction): string {
  return helper.toString().replace(/^function \w+/, `function ${name}`)
}
