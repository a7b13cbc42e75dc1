// A small assembler. A kernel is a sequence of statements over expressions: `code.set(y, f32x4.add(x, 1))`. The result is a tree
// of instructions; module.ts encodes it as bytes, kernels.ts in the text format. Haas et al. 2017, "Bringing the web up to speed
// with WebAssembly". Read next: elementwise-kernels.ts, the simplest kernels.

import {
  type Arg,
  type Expr,
  type Instruction,
  instruction,
  type Local,
  leb,
  operandOf,
  type ValueType,
} from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as i32 from './instructions/i32.ts'

const BLOCK = /* @__PURE__ */ instruction('block', [0x02], 'nothing') // a branch to its label leaves it
const LOOP = /* @__PURE__ */ instruction('loop', [0x03], 'nothing') // a branch to its label restarts it

/** Collects the statements of one function. */
export class Code {
  readonly locals: Local[] = []
  private statements: Instruction[] = []
  private readonly names = new Map<string, number>()

  /** `relaxed`: with fused multiply-add. */
  constructor(readonly relaxed = false) {}

  get body(): readonly Instruction[] {
    return this.statements
  }

  /** Declares a local. Parameters are the first locals. */
  local<T extends ValueType>(type: T, name: string): Local<T> {
    const times = this.names.get(name) ?? 0
    this.names.set(name, times + 1)
    const unique = times === 0 ? name : `${name}.${times}`
    const index = this.locals.length
    const bytes = [0x20, ...leb(index)]
    const made: Local<T> = { op: 'local.get', bytes, operands: [], text: `$${unique}`, type, name: unique, index }
    this.locals.push(made)
    return made
  }

  /** Declares a local and sets it to `value`. */
  let<T extends ValueType>(name: string, value: Expr<T>): Local<T> {
    const made = this.local(value.type, name)
    this.set(made, value)
    return made
  }

  set<T extends ValueType>(target: Local<T>, value: Arg<T>): void {
    const expr = operandOf[target.type](value)
    this.do(instruction('local.set', [0x21, ...leb(target.index)], 'nothing', [expr], target.text))
  }

  /** target += amount. */
  advance(target: Local<'i32'>, amount: Arg<'i32'>): void {
    this.set(target, i32.add(target, amount))
  }

  /** Appends instructions without a result, such as stores. */
  do(...instructions: Instruction[]): void {
    for (const each of instructions) this.statements.push(each)
  }

  if(condition: Expr<'i32'>, then: () => void, otherwise?: () => void): void {
    const body = this.inside(then)
    const made = instruction('if', [0x04], 'nothing', [condition])
    this.do(otherwise === undefined ? { ...made, body } : { ...made, body, otherwise: this.inside(otherwise) })
  }

  /** do … while: runs `body`, and repeats it while `condition` holds. */
  repeatWhile(condition: Expr<'i32'>, body: () => void): void {
    const inner = this.inside(() => {
      body()
      this.branchIf(condition, 0)
    })
    this.do({ ...LOOP, body: inner })
  }

  while(condition: Expr<'i32'>, body: () => void): void {
    this.if(condition, () => this.repeatWhile(condition, body))
  }

  /**
   * A loop of `count` >= 1 steps, unrolled by `times`. `step` gets its number in the turn; `after` ends each turn. The exits
   * between steps end the loop at any count. They also keep V8 from moving the loads of all steps to the front, which would
   * exceed the registers.
   */
  unrolled(count: Local<'i32'>, times: number, step: (j: number) => void, after: () => void): void {
    const turn = this.inside(() => {
      for (let j = 0; j < times; j++) {
        step(j)
        if (j < times - 1) this.branchIf(i32.eq(count, j + 1), 1)
      }
      after()
      this.advance(count, -times)
      this.branchIf(count, 0)
    })
    this.do({ ...BLOCK, body: [{ ...LOOP, body: turn }] })
  }

  /** A · B + C, four floats at a time. */
  multiplyAdd(a: Arg<'v128'>, b: Arg<'v128'>, c: Arg<'v128'>): Expr<'v128'> {
    return this.relaxed ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b))
  }

  /** Branches if the condition is not 0. Labels count enclosing constructs from the innermost, 0. */
  private branchIf(condition: Expr<'i32'>, label: number): void {
    this.do(instruction('br_if', [0x0d, label], 'nothing', [condition], `${label}`))
  }

  private inside(write: () => void): Instruction[] {
    const outer = this.statements
    this.statements = []
    write()
    const written = this.statements
    this.statements = outer
    return written
  }
}
