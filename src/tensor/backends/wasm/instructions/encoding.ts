// A WebAssembly function as a tree of instructions: `f32x4.add(f32x4.mul(x, x), 1)`. Read next: instructions/, which lists them, and
// assembler.ts, which adds variables and loops.

/** i32: integer or byte offset; f32, f64: floats; v128: a vector of four f32, four i32 or two f64. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128'

/** An instruction and its operands, which are evaluated first, in order. */
export interface Instruction {
  readonly op: string
  /** The opcode and the immediates after it. */
  readonly bytes: readonly number[]
  readonly operands: readonly Instruction[]
  /** The immediates in the text format. */
  readonly text: string
  /** The statements inside `block`, `loop` and `if`, and after `else`. */
  readonly body?: readonly Instruction[]
  readonly otherwise?: readonly Instruction[]
}

/** An instruction with a result. It is evaluated at each use; store results that are used twice with `let`. */
export interface Expr<T extends ValueType | 'nothing' = ValueType> extends Instruction {
  readonly type: T
}

export interface Local<T extends ValueType = ValueType> extends Expr<T> {
  readonly name: string
  readonly index: number
}

export type I = Expr<'i32'>
export type V = Expr<'v128'>
export type Pointer = Local<'i32'>
export type Vector = Local<'v128'>

/** A number is a constant; as a vector, that number in every lane. */
export type Arg<T extends ValueType> = Expr<T> | number

export function instruction<T extends ValueType | 'nothing'>(
  op: string,
  bytes: readonly number[],
  type: T,
  operands: readonly Instruction[] = [],
  text = '',
): Expr<T> {
  return { op, bytes, operands, text, type }
}

/** Turns a number into a constant, and leaves other operands as they are. */
export type Operand<T extends ValueType> = (value: Arg<T>) => Expr<T>

/* @__NO_SIDE_EFFECTS__ */
function operand<T extends ValueType>(make: (value: number) => Expr<T>): Operand<T> {
  const known = new Map<number, Expr<T>>() // few constants are used often
  return (value) => {
    if (typeof value !== 'number') return value
    if (Object.is(value, -0)) return make(value) // a Map does not distinguish it from 0
    let made = known.get(value)
    if (made === undefined) {
      made = make(value)
      known.set(value, made)
    }
    return made
  }
}

/** The number as a float in every lane. */
export const floats = operand((x) => lanes('f32x4', Float32Array.of(x, x, x, x)))
/** The number as an integer in every lane. */
export const integers = operand((x) => lanes('i32x4', Int32Array.of(x, x, x, x)))
/** By type; a number as a vector is a float in every lane. */
export const operandOf: { readonly [T in ValueType]: Operand<T> } = {
  i32: operand((x) => instruction('i32.const', [0x41, ...signedLeb(x)], 'i32', [], number(x))),
  f32: operand((x) => numbers('f32.const', [0x43], 'f32', Float32Array.of(x))),
  f64: operand((x) => numbers('f64.const', [0x44], 'f64', Float64Array.of(x))),
  v128: floats,
}

/** A vector of four lanes; `kind` is f32x4 or i32x4. */
export function lanes(kind: string, values: Float32Array | Int32Array): Expr<'v128'> {
  return numbers('v128.const', vector(0x0c), 'v128', values, `${kind} `)
}

function numbers<T extends ValueType>(
  op: string,
  opcode: readonly number[],
  type: T,
  values: Float32Array | Float64Array | Int32Array,
  kind = '',
): Expr<T> {
  const bytes = [...opcode, ...new Uint8Array(values.buffer)]
  return instruction(op, bytes, type, [], kind + Array.from(values, number).join(' '))
}

/** A number in the text format. */
function number(value: number): string {
  return String(value).replace('Infinity', 'inf').replace('NaN', 'nan')
}

/** The opcode of a vector instruction. */
/* @__NO_SIDE_EFFECTS__ */
export function vector(code: number): number[] {
  return [0xfd, ...leb(code)]
}

/** A function that makes an instruction of operands of the types of `operands`. */
/* @__NO_SIDE_EFFECTS__ */
export function operation<In extends readonly ValueType[] | [], Out extends ValueType>(
  op: string,
  opcode: readonly number[],
  operands: { readonly [Place in keyof In]: Operand<In[Place]> },
  type: Out,
) {
  return (...values: { [Place in keyof In]: Arg<In[Place]> }) => {
    const made = new Array<Instruction>(values.length)
    for (let i = 0; i < values.length; i++) made[i] = operands[i]!(values[i] as never)
    return instruction(op, opcode, type, made)
  }
}

/** An access to memory at `offset` bytes from the first operand, of one `lane` if given. Alignment 0 stands for any. */
export function access<T extends ValueType | 'nothing'>(
  op: string,
  opcode: readonly number[],
  type: T,
  operands: readonly Instruction[],
  offset: number,
  ...lane: number[]
): Expr<T> {
  const text = offset === 0 ? lane : [`offset=${offset}`, ...lane]
  return instruction(op, [...opcode, 0, ...leb(offset), ...lane], type, operands, text.join(' '))
}

/* @__NO_SIDE_EFFECTS__ */
export function loadOf<T extends ValueType>(op: string, opcode: readonly number[], type: T) {
  return (at: Arg<'i32'>, offset = 0) => access(op, opcode, type, [operandOf.i32(at)], offset)
}

/* @__NO_SIDE_EFFECTS__ */
export function storeOf<T extends ValueType>(op: string, opcode: readonly number[], stored: Operand<T>) {
  return (at: Arg<'i32'>, value: Arg<T>, offset = 0) =>
    access(op, opcode, 'nothing', [operandOf.i32(at), stored(value)], offset)
}

/** A number in LEB128: seven bits per byte, low bits first; the top bit is set if more bytes follow. Unsigned. */
export function leb(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left)
  return bytes
}

/** Signed, 32 bits. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = []
  let left = value | 0
  for (; left > 63 || left < -64; left >>= 7) bytes.push((left & 0x7f) | 0x80)
  bytes.push(left & 0x7f)
  return bytes
}
