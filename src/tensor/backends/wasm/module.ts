// Compiles kernels to a WebAssembly module with one exported function each, in the binary format of the WebAssembly core
// specification, section 5. The module imports the linear memory of the tensors.

import { memory } from '../../memory.ts'
import { Code } from './assembler.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Instruction, Local, ValueType } from './instructions.ts'

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
  const out = new ByteWriter()
  out.bytes(0x00, 0x61, 0x73, 0x6d) // "\0asm"
  out.bytes(0x01, 0x00, 0x00, 0x00) // version 1
  section(out, 1, kernels, ({ parameters }) => {
    out.bytes(FUNCTION)
    out.vector(parameters, ({ type }) => out.bytes(valueTypes[type]))
    out.bytes(0) // no result
  })
  section(out, 2, ['the memory'], () => {
    out.text('alambic')
    out.text('memory')
    if (memory.isShared)
      out.bytes(0x02, 0x03, 0x01, 0x80, 0x80, 0x04) // a shared memory of one to 65536 pages
    else out.bytes(0x02, 0x00, 0x01) // a memory of at least one page
  })
  section(out, 3, kernels, (_, i) => out.number(i)) // function i has type i
  section(out, 7, kernels, ({ name }, i) => {
    out.text(name)
    out.bytes(0x00) // a function
    out.number(i)
  })
  section(out, 10, kernels, ({ variables, body }) => {
    out.sized(() => {
      out.vector(variables, ({ type }) => out.bytes(1, valueTypes[type]))
      encodeAll(body, out)
      out.bytes(END)
    })
  })
  return out.written()
}

function section<T>(out: ByteWriter, id: number, entries: readonly T[], write: (entry: T, i: number) => void): void {
  out.bytes(id)
  out.sized(() => out.vector(entries, write))
}

function encode(each: Instruction, out: ByteWriter): void {
  encodeAll(each.operands, out)
  out.append(each.bytes)
  if (each.body === undefined) return
  out.bytes(NO_RESULT)
  encodeAll(each.body, out)
  if (each.otherwise !== undefined) {
    out.bytes(ELSE)
    encodeAll(each.otherwise, out)
  }
  out.bytes(END)
}

function encodeAll(instructions: readonly Instruction[], out: ByteWriter): void {
  for (let i = 0; i < instructions.length; i++) encode(instructions[i]!, out)
}
