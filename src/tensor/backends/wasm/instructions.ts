// The instructions of opcodes.ts as functions that build expressions: `f32x4.add(f32x4.mul(x, x), 1)`. An expression is a tree
// of instructions. Read next: assembler.ts, which adds variables and loops.

import { leb, signedLeb } from './byte-writer.ts'
import { type Immediates, type Op, opcodes, type Row, type ValueType } from './opcodes.ts'

/** An instruction and its operands, which are evaluated first, in order. */
export interface Instruction {
  readonly op: Op
  readonly operands: readonly Instruction[]
  /** The immediates after the opcode, as bytes and in the text format. */
  readonly bytes: readonly number[]
  readonly text: string
  /** The statements inside `block`, `loop` and `if`, and after `else`. */
  readonly body?: readonly Instruction[]
  readonly otherwise?: readonly Instruction[]
}

/** An instruction with a result. It is evaluated at each use; store results that are used twice with `let`. */
export interface Expr<T extends ValueType = ValueType> extends Instruction {
  readonly type: T
}

export interface Local<T extends ValueType = ValueType> extends Expr<T> {
  readonly name: string
}

export type I = Expr<'i32'>
export type V = Expr<'v128'>
export type Pointer = Local<'i32'>
export type Vector = Local<'v128'>

/** A number is a constant; as a vector, that number in every lane. */
export type Arg<T extends ValueType> = Expr<T> | number

type Operands<S extends string> = S extends ''
  ? []
  : S extends `${infer First extends ValueType} ${infer Rest}`
    ? [Arg<First>, ...Operands<Rest>]
    : S extends ValueType
      ? [Arg<S>]
      : never
type ResultOf<O extends Op> = (typeof opcodes)[O][2] extends infer R extends ValueType ? Expr<R> : Instruction
type ImmediatesOf<Row> = Row extends readonly [unknown, unknown, unknown, infer I extends Immediates]
  ? { offset: [offset?: number]; lane: [lane: number]; 'lane offset': [lane: number, offset?: number] }[I]
  : []
type Maker<O extends Op> = (
  ...values: [...Operands<(typeof opcodes)[O][1]>, ...ImmediatesOf<(typeof opcodes)[O]>]
) => ResultOf<O>

const NONE: readonly number[] = []

/** Builds an instruction with the immediates `bytes` and `text`. */
export function instruction(op: Op, operands: (Expr | number)[], bytes = NONE, text = ''): Expr {
  const row = opcodes[op]
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!
    // Numbers become constants of the operand's type.
    if (typeof operand === 'number') operands[i] = constant(row[1].split(' ')[i] as ValueType, operand, op[0] === 'f')
  }
  return { op, operands: operands as Expr[], bytes, text, type: row[2] as ValueType }
}

// A cache, because few constants are used often.
const known = {
  ...{ i32: new Map<number, Expr>(), f32: new Map<number, Expr>(), f64: new Map<number, Expr>() },
  ...{ f32x4: new Map<number, Expr>(), i32x4: new Map<number, Expr>() },
}

export function constant(type: ValueType, value: number, floatLanes: boolean): Expr {
  const kind = type === 'v128' ? (floatLanes ? 'f32x4' : 'i32x4') : type
  if (Object.is(value, -0)) return newConstant(kind, value) // a Map does not distinguish it from 0
  let made = known[kind].get(value)
  if (made === undefined) {
    made = newConstant(kind, value)
    known[kind].set(value, made)
  }
  return made
}

function newConstant(kind: keyof typeof known, value: number): Expr {
  switch (kind) {
    case 'i32':
      return instruction('i32.const', [], signedLeb(value), String(value))
    case 'f32':
      return instruction('f32.const', [], bytesOf(Float32Array.of(value)), number(value))
    case 'f64':
      return instruction('f64.const', [], bytesOf(Float64Array.of(value)), number(value))
    case 'i32x4':
      return i32x4.const(value, value, value, value)
    case 'f32x4': {
      const lanes = Float32Array.of(value, value, value, value)
      return instruction('v128.const', [], bytesOf(lanes), `f32x4 ${Array.from(lanes, number).join(' ')}`)
    }
  }
}

/** A number in the text format. */
function number(value: number): string {
  return String(value).replace('Infinity', 'inf').replace('NaN', 'nan')
}

function bytesOf(values: Float32Array | Float64Array | Int32Array): number[] {
  return Array.from(new Uint8Array(values.buffer))
}

// Alignment 0 (any) and offset 0.
const NO_OFFSET: readonly number[] = [0, 0]

/** A function that builds an instruction from its operands, then its lane and offset (default 0), if it has them. */
function maker(op: Op): (...values: (Expr | number)[]) => Expr {
  const [, operands, , immediates] = opcodes[op] as Row
  if (immediates === undefined) return (...values) => instruction(op, values)
  const count = operands.split(' ').length
  return (...values) => {
    const numbers = values.splice(count) as number[]
    const lane = immediates === 'offset' ? [] : [numbers.shift()!]
    const [offset = 0] = numbers
    const place = immediates === 'lane' ? [] : offset === 0 ? NO_OFFSET : [0, ...leb(offset)]
    const text = [...(offset === 0 ? [] : [`offset=${offset}`]), ...lane].join(' ')
    return instruction(op, values, [...place, ...lane], text)
  }
}

type OfType<Type extends string> = {
  readonly [O in Op as O extends `${Type}.${infer Name}` ? Exclude<Name, 'const'> : never]: Maker<O>
}

/** All instructions of a type by name, and additional functions. */
function ofType<Type extends string, Added extends object>(type: Type, added?: Added): OfType<Type> & Added {
  const own = (Object.keys(opcodes) as Op[]).filter((op) => op.startsWith(`${type}.`))
  return Object.assign(Object.fromEntries(own.map((op) => [op.slice(type.length + 1), maker(op)])), added) as never
}

export const i32 = /* @__PURE__ */ ofType('i32')
export const f32 = /* @__PURE__ */ ofType('f32')
export const f64 = /* @__PURE__ */ ofType('f64')
export const f64x2 = /* @__PURE__ */ ofType('f64x2')
export const v128 = /* @__PURE__ */ ofType('v128')

export const i32x4 = /* @__PURE__ */ ofType('i32x4', {
  const: (...lanes: [number, number, number, number]) =>
    instruction('v128.const', [], bytesOf(Int32Array.of(...lanes)), `i32x4 ${lanes.join(' ')}`) as Expr<'v128'>,
})

export const f32x4 = /* @__PURE__ */ ofType('f32x4', {
  /** Selects lanes by number: 0-3 are the first vector's, 4-7 the second's. */
  shuffle: (first: Expr<'v128'>, second: Expr<'v128'>, lanes: readonly [number, number, number, number]) => {
    const bytes = lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])
    return instruction('i8x16.shuffle', [first, second], bytes, bytes.join(' ')) as Expr<'v128'>
  },
})
