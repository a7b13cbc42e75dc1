// The instructions of opcodes.ts as functions that make expressions: `f32x4.add(f32x4.mul(x, x), 1)`. An expression is a tree:
// an instruction and the expressions that it works on. Read next: assembler.ts, which adds variables and loops.

import { leb, signedLeb } from './byte-writer.ts'
import { type Op, opcodes, type ValueType } from './opcodes.ts'

/** One instruction with what it works on: operands are computed first, in order, then the instruction runs. */
export interface Instruction {
  readonly op: Op
  readonly operands: readonly Instruction[]
  /** What follows the opcode: in bytes, and as the text format shows it. */
  readonly bytes: readonly number[]
  readonly text: string
  /** The statements inside `block`, `loop` and `if`, and after `else`. */
  readonly body?: readonly Instruction[]
  readonly otherwise?: readonly Instruction[]
}

/** An instruction that gives a value. It runs wherever it is used: use twice what is cheap, `let` the rest. */
export interface Expr<T extends ValueType = ValueType> extends Instruction {
  readonly type: T
}

export interface Local<T extends ValueType = ValueType> extends Expr<T> {
  readonly name: string
}

/** A number stands for a constant; as a vector, for that number in every lane. */
export type Arg<T extends ValueType> = Expr<T> | number

type Operands<S extends string> = S extends ''
  ? []
  : S extends `${infer First extends ValueType} ${infer Rest}`
    ? [Arg<First>, ...Operands<Rest>]
    : S extends ValueType
      ? [Arg<S>]
      : never
type ResultOf<O extends Op> = (typeof opcodes)[O][2] extends infer R extends ValueType ? Expr<R> : Instruction
type Maker<O extends Op> = (...operands: Operands<(typeof opcodes)[O][1]>) => ResultOf<O>

/** Makes instructions that have no immediates. */
function maker<O extends Op>(op: O): Maker<O> {
  const make = (...operands: (Expr | number)[]) => instruction(op, operands)
  return make as unknown as Maker<O>
}

const NONE: readonly number[] = []

/** Makes any instruction; `bytes` and `text` are its immediates. */
export function instruction(op: Op, operands: (Expr | number)[], bytes = NONE, text = ''): Expr {
  const row = opcodes[op]
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!
    // Numbers become constants of the type that the operation takes there.
    if (typeof operand === 'number') operands[i] = constant(row[1].split(' ')[i] as ValueType, operand, op[0] === 'f')
  }
  return { op, operands: operands as Expr[], bytes, text, type: row[2] as ValueType }
}

// The same few constants come again and again.
const known = {
  ...{ i32: new Map<number, Expr>(), f32: new Map<number, Expr>(), f64: new Map<number, Expr>() },
  ...{ f32x4: new Map<number, Expr>(), i32x4: new Map<number, Expr>() },
}

export function constant(type: ValueType, value: number, floatLanes: boolean): Expr {
  const kind = type === 'v128' ? (floatLanes ? 'f32x4' : 'i32x4') : type
  if (Object.is(value, -0)) return newConstant(kind, value) // a Map takes it for 0
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

/** A number as the text format spells it. */
function number(value: number): string {
  return String(value).replace('Infinity', 'inf').replace('NaN', 'nan')
}

function bytesOf(values: Float32Array | Float64Array | Int32Array): number[] {
  return Array.from(new Uint8Array(values.buffer))
}

// Alignment 0 (any) is always allowed and costs nothing on today's machines.
const NO_OFFSET: readonly number[] = [0, 0]

function access<T extends ValueType>(op: Op, operands: (Expr | number)[], offset: number, lane?: number): Expr<T> {
  const bytes = offset === 0 ? NO_OFFSET : [0, ...leb(offset)]
  const text = offset === 0 ? '' : `offset=${offset}`
  if (lane !== undefined) return instruction(op, operands, [...bytes, lane], `${text} ${lane}`.trim()) as Expr<T>
  return instruction(op, operands, bytes, text) as Expr<T>
}

export const i32 = {
  load: (at: Arg<'i32'>, offset = 0) => access<'i32'>('i32.load', [at], offset),
  store: (at: Arg<'i32'>, value: Arg<'i32'>, offset = 0) => access('i32.store', [at, value], offset),
  eqz: maker('i32.eqz'),
  eq: maker('i32.eq'),
  lt_u: maker('i32.lt_u'),
  gt_u: maker('i32.gt_u'),
  ge_u: maker('i32.ge_u'),
  add: maker('i32.add'),
  sub: maker('i32.sub'),
  mul: maker('i32.mul'),
  and: maker('i32.and'),
  or: maker('i32.or'),
  shl: maker('i32.shl'),
  shr_u: maker('i32.shr_u'),
}

export const f32 = {
  load: (at: Arg<'i32'>, offset = 0) => access<'f32'>('f32.load', [at], offset),
  store: (at: Arg<'i32'>, value: Arg<'f32'>, offset = 0) => access('f32.store', [at, value], offset),
  eq: maker('f32.eq'),
  ne: maker('f32.ne'),
  lt: maker('f32.lt'),
  gt: maker('f32.gt'),
  add: maker('f32.add'),
  demote_f64: maker('f32.demote_f64'),
}

export const f64 = {
  promote_f32: maker('f64.promote_f32'),
  convert_i32_u: maker('f64.convert_i32_u'),
  add: maker('f64.add'),
  sub: maker('f64.sub'),
  div: maker('f64.div'),
  sqrt: maker('f64.sqrt'),
}

export const v128 = {
  load: (at: Arg<'i32'>, offset = 0) => access<'v128'>('v128.load', [at], offset),
  load32_splat: (at: Arg<'i32'>, offset = 0) => access<'v128'>('v128.load32_splat', [at], offset),
  load32_zero: (at: Arg<'i32'>, offset = 0) => access<'v128'>('v128.load32_zero', [at], offset),
  load32_lane: (at: Arg<'i32'>, vector: Expr<'v128'>, lane: number, offset = 0) =>
    access<'v128'>('v128.load32_lane', [at, vector], offset, lane),
  load64_lane: (at: Arg<'i32'>, vector: Expr<'v128'>, half: number, offset = 0) =>
    access<'v128'>('v128.load64_lane', [at, vector], offset, half),
  store: (at: Arg<'i32'>, value: Arg<'v128'>, offset = 0) => access('v128.store', [at, value], offset),
  store32_lane: (at: Arg<'i32'>, value: Expr<'v128'>, lane: number, offset = 0) =>
    access('v128.store32_lane', [at, value], offset, lane),
  store64_lane: (at: Arg<'i32'>, value: Expr<'v128'>, lane: number, offset = 0) =>
    access('v128.store64_lane', [at, value], offset, lane),
  not: maker('v128.not'),
  and: maker('v128.and'),
  or: maker('v128.or'),
  bitselect: maker('v128.bitselect'),
}

export const i32x4 = {
  const: (...lanes: [number, number, number, number]) =>
    instruction('v128.const', [], bytesOf(Int32Array.of(...lanes)), `i32x4 ${lanes.join(' ')}`) as Expr<'v128'>,
  splat: maker('i32x4.splat'),
  lt_s: maker('i32x4.lt_s'),
  shl: maker('i32x4.shl'),
  shr_s: maker('i32x4.shr_s'),
  add: maker('i32x4.add'),
  sub: maker('i32x4.sub'),
}

export const f32x4 = {
  splat: maker('f32x4.splat'),
  /** Lanes 0-3 of the first vector and 4-7 of the second, picked by number. */
  shuffle: (first: Expr<'v128'>, second: Expr<'v128'>, lanes: readonly [number, number, number, number]) => {
    const bytes = lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])
    return instruction('i8x16.shuffle', [first, second], bytes, bytes.join(' ')) as Expr<'v128'>
  },
  convert_i32x4_s: maker('f32x4.convert_i32x4_s'),
  demote_f64x2_zero: maker('f32x4.demote_f64x2_zero'),
  eq: maker('f32x4.eq'),
  ne: maker('f32x4.ne'),
  lt: maker('f32x4.lt'),
  gt: maker('f32x4.gt'),
  le: maker('f32x4.le'),
  ge: maker('f32x4.ge'),
  abs: maker('f32x4.abs'),
  neg: maker('f32x4.neg'),
  sqrt: maker('f32x4.sqrt'),
  add: maker('f32x4.add'),
  sub: maker('f32x4.sub'),
  mul: maker('f32x4.mul'),
  div: maker('f32x4.div'),
  min: maker('f32x4.min'),
  max: maker('f32x4.max'),
  pmin: maker('f32x4.pmin'),
  pmax: maker('f32x4.pmax'),
  relaxed_madd: maker('f32x4.relaxed_madd'),
}

export const f64x2 = {
  extract: (vector: Expr<'v128'>, lane: number) =>
    instruction('f64x2.extract_lane', [vector], [lane], String(lane)) as Expr<'f64'>,
  promote_low_f32x4: maker('f64x2.promote_low_f32x4'),
  add: maker('f64x2.add'),
}
