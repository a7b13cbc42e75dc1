// Compiles kernels to a WebAssembly module with one exported function each, in the binary format of the WebAssembly core
// specification, section 5. The module imports the linear memory of the tensors.

import { MAX_PAGES, memory } from '../../memory.ts'
import { Code } from './assembler.ts'
import { type Instruction, type Local, leb, type ValueType } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as i32x4 from './instructions/i32x4.ts'
import * as v128 from './instructions/v128.ts'

type LocalsOf<Signature extends string> = Signature extends `${infer Group}, ${infer Rest}`
  ? [...(Group extends string ? OfOneType<Group> : never), ...LocalsOf<Rest>]
  : OfOneType<Signature>
type OfOneType<Group extends string> = Group extends `${infer T extends ValueType} ${infer Names}` ? Each<T, Names> : []
type Each<T extends ValueType, Names extends string> = Names extends `${string} ${infer Rest}`
  ? [Local<T>, ...Each<T, Rest>]
  : [Local<T>]

/** A function: its parameters, such as `i32 to count, f32 value`, and a function that writes its body. */
export interface Kernel<Signature extends string = string> {
  readonly signature: Signature
  readonly write: (code: Code, ...parameters: LocalsOf<Signature>) => void
}

/** The callable form of a kernel: one number per parameter. */
type Call<K> = K extends { readonly signature: infer S extends string }
  ? (...values: Numbers<LocalsOf<S>>) => void
  : never
type Numbers<Parameters extends readonly unknown[]> = { [I in keyof Parameters]: number }
export type Calls<K> = { readonly [Name in keyof K]: Call<K[Name]> }

/** Declares a kernel. `write` runs when its module is compiled. */
export function kernel<const Signature extends string>(
  signature: Signature,
  write: (code: Code, ...parameters: LocalsOf<Signature>) => void,
): Kernel<Signature> {
  return { signature, write }
}

// `write` is unknown, because kernels differ in their parameters.
export type KernelTable = Readonly<Record<string, { readonly signature: string; readonly write: unknown }>>

export interface WrittenKernel {
  readonly name: string
  readonly parameters: readonly Local[]
  readonly variables: readonly Local[]
  readonly body: readonly Instruction[]
}

/** Runs a kernel's `write` and returns the instructions. */
export function writeKernel(name: string, table: KernelTable, relaxed: boolean): WrittenKernel {
  const { signature, write } = table[name]!
  const code = new Code(relaxed)
  const locals = signature.split(', ').flatMap((group) => {
    const [type, ...labels] = group.split(' ') as [ValueType, ...string[]]
    return labels.map((label) => code.local(type, label))
  })
  const writeBody = write as (code: Code, ...parameters: Local[]) => void
  writeBody(code, ...locals)
  return { name, parameters: locals, variables: code.locals.slice(locals.length), body: code.body }
}

interface Compiled {
  readonly table: KernelTable
  readonly relaxed: boolean
  readonly bytes: Uint8Array
}

/** All compiled modules, by their callable kernels. */
const modules = /* @__PURE__ */ new Map<object, Compiled>()

/** Compiles the kernels and binds them to the memory. `relaxed`: with fused multiply-add. */
export function instantiate<T extends KernelTable>(table: T, relaxed: boolean): Calls<T> {
  const kernels = {}
  bind(kernels, table, relaxed)
  return kernels as Calls<T>
}

function bind(kernels: object, table: KernelTable, relaxed: boolean): void {
  const bytes = moduleBytes(Object.keys(table).map((name) => writeKernel(name, table, relaxed)))
  const imports = { alambic: { memory: memory.wasm as WebAssembly.Memory } }
  Object.assign(kernels, new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports)
  modules.set(kernels, { table, relaxed, bytes })
}

/** The module of callable kernels. Its functions are in the order of their names in the object. */
export function bytesOfModule(kernels: object): Uint8Array {
  return modules.get(kernels)!.bytes
}

/** Compiles all modules again, for another memory. */
export function rebindModules(): void {
  for (const [kernels, { table, relaxed }] of [...modules]) bind(kernels, table, relaxed)
}

const valueTypes: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b }
const FUNCTION = 0x60
const NO_RESULT = 0x40 // the block type of control constructs without a result
const [ELSE, END] = [0x05, 0x0b]

export function moduleBytes(kernels: readonly WrittenKernel[]): Uint8Array<ArrayBuffer> {
  const types = kernels.map(({ parameters }) => {
    const own = parameters.map(({ type }) => [valueTypes[type]])
    return [FUNCTION, ...vector(own), 0] // no result
  })
  const pages = memory.isShared ? [0x03, ...leb(1), ...leb(MAX_PAGES)] : [0x00, ...leb(1)] // at least one
  const imported = [...text('alambic'), ...text('memory'), 0x02, ...pages]
  const functions = kernels.map((_, i) => leb(i)) // function i has type i
  const exported = kernels.map(({ name }, i) => [...text(name), 0x00, ...leb(i)])
  const bodies = kernels.map(({ variables, body }) => {
    const bytes = vector(variables.map(({ type }) => [1, valueTypes[type]]))
    encode(body, bytes)
    bytes.push(END)
    return sized(bytes)
  })
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d], // "\0asm"
    ...[0x01, 0x00, 0x00, 0x00], // version 1
    ...section(1, types),
    ...section(2, [imported]),
    ...section(3, functions),
    ...section(7, exported),
    ...section(10, bodies),
  ])
}

function section(id: number, entries: readonly number[][]): number[] {
  return [id, ...sized(vector(entries))]
}

/** The number of entries, then the entries. */
function vector(entries: readonly number[][]): number[] {
  return leb(entries.length).concat(...entries)
}

/** The bytes after their number. */
function sized(bytes: readonly number[]): number[] {
  return leb(bytes.length).concat(bytes)
}

function text(value: string): number[] {
  return sized(Array.from(new TextEncoder().encode(value)))
}

function encode(instructions: readonly Instruction[], out: number[]): void {
  for (const { operands, bytes, body, otherwise } of instructions) {
    encode(operands, out)
    for (let i = 0; i < bytes.length; i++) out.push(bytes[i]!)
    if (body === undefined) continue
    out.push(NO_RESULT)
    encode(body, out)
    if (otherwise !== undefined) {
      out.push(ELSE)
      encode(otherwise, out)
    }
    out.push(END)
  }
}

function moduleOf(write: (code: Code, at: Local<'i32'>) => void): Uint8Array<ArrayBuffer> {
  return moduleBytes([writeKernel('probe', { probe: kernel('i32 at', write) }, false)])
}

/**
 * The reason why kernels cannot run, or null if they can. They require SIMD (Node 16.4, Chrome 91, Firefox 89, Safari 16.4)
 * and permission to compile by the page's content security policy.
 */
export function wasmObstacle(): string | null {
  if (typeof WebAssembly === 'undefined') return 'this JavaScript engine has no WebAssembly'
  if (typeof FinalizationRegistry === 'undefined') {
    return 'this JavaScript engine has no FinalizationRegistry, which frees parameters in linear memory'
  }
  const bytes = moduleOf((code, at) => code.do(v128.store(at, i32x4.splat(0))))
  try {
    if (!WebAssembly.validate(bytes)) return 'the WebAssembly of this JavaScript engine has no SIMD'
    new WebAssembly.Module(bytes)
    return null
  } catch (error) {
    return `WebAssembly cannot be compiled (${(error as Error).message}); a page needs 'wasm-unsafe-eval' in its content security policy`
  }
}

interface V8 {
  setFlagsFromString(flag: string): void
}

/** True if relaxed SIMD (fused multiply-add) is available. Sets the flag that Node 20 requires, for later modules. */
export function hasRelaxedSimd(): boolean {
  const bytes = moduleOf((code, at) => {
    const x = code.let('x', v128.load(at))
    code.do(v128.store(at, f32x4.relaxed_madd(x, x, x)))
  })
  if (WebAssembly.validate(bytes)) return true
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const v8 = host.process?.getBuiltinModule?.('node:v8') as V8 | undefined
  v8?.setFlagsFromString('--experimental-wasm-relaxed-simd')
  return WebAssembly.validate(bytes)
}
