// The part of Python's pickle language (PEP 3154; pickletools.py of CPython documents each opcode) that a state dict needs. A pickle is a
// program: this reader calls only the functions it is given, and refuses all other names and opcodes. Read next: state-dict.ts.

import { CheckpointError, excerpt } from '../../tensor/errors.ts'

/** A Python name that a pickle may use: a function to call, or a class that stands for itself. */
export interface PickleGlobal {
  readonly name: string
  call?(args: readonly unknown[]): unknown
}

export interface PickleContext {
  /** By module and name: `collections.OrderedDict`. */
  readonly globals: ReadonlyMap<string, PickleGlobal>
  /** The object of a persistent id. */
  persistentLoad(id: unknown): unknown
}

/**
 * Runs a pickle. Dicts become maps; lists and tuples arrays; None null. The time is linear in the bytes. Throws a CheckpointError that
 * names the opcode or the global on one that is not allowed, and on a broken pickle.
 */
export function readPickle(bytes: Uint8Array, { globals, persistentLoad }: PickleContext): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: unknown[] = []
  const marks: number[] = []
  const memo = new Map<number, unknown>()
  let at = 0

  const skip = (count: number): number => {
    if (at + count > bytes.length) throw broken(`it ends within the opcode before byte ${at}`)
    at += count
    return at - count
  }
  const byte = () => view.getUint8(skip(1))
  const word = () => view.getUint32(skip(4), true)
  const text = (length: number) => {
    const from = skip(length)
    return new TextDecoder().decode(bytes.subarray(from, at))
  }
  const line = () => {
    const end = bytes.indexOf(0x0a, at)
    const read = text((end < 0 ? bytes.length : end) - at)
    skip(1)
    return read
  }
  // A little-endian integer in two's complement.
  const long = (length: number) => {
    if (length > 8) throw broken(`an integer has ${length} bytes at byte ${at}; expected at most 8`)
    const from = skip(length)
    const value = bytes.subarray(from, at).reduceRight((sum, each) => sum * 256n + BigInt(each), 0n)
    return Number(BigInt.asIntN(8 * length, value))
  }
  const pop = () => {
    if (stack.length === 0) throw broken(`the stack is empty at byte ${at}`)
    return stack.pop()
  }
  const popMark = () => {
    const from = marks.pop()
    if (from === undefined || from > stack.length) throw broken(`there is no mark at byte ${at}`)
    return stack.splice(from)
  }
  const popTuple = (length: number) => Array.from({ length }, pop).reverse()
  const top = () => stack.at(-1)
  const remembered = (key: number) => {
    if (!memo.has(key)) throw broken(`there is no memo ${key} at byte ${at}`)
    return memo.get(key)
  }
  const global = (names: readonly unknown[]): PickleGlobal => {
    if (!names.every((each) => typeof each === 'string')) throw broken(`a name that is no text at byte ${at}`)
    const name = names.join('.')
    const found = globals.get(name)
    if (found !== undefined) return found
    throw new CheckpointError(
      `pickle: it uses "${excerpt(name)}", which is not run; expected tensors alone, as torch.save(model.state_dict(), path) writes them`,
    )
  }
  const call = (args: unknown, callee: unknown) => {
    const { call: run } = (callee ?? {}) as Partial<PickleGlobal>
    if (run === undefined || !Array.isArray(args)) throw broken(`it calls what is no function at byte ${at}`)
    return run(args)
  }
  const setItems = (items: readonly unknown[]) => {
    const dict = top()
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw broken(`it sets items of no dict at byte ${at}`)
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1])
  }
  const append = (items: readonly unknown[]) => {
    const list = top()
    if (!Array.isArray(list)) throw broken(`it appends to no list at byte ${at}`)
    for (const item of items) list.push(item)
  }

  const opcodes: Readonly<Record<string, () => void>> = {
    '\x80': () => skip(1), // PROTO
    '\x95': () => skip(8), // FRAME
    '(': () => marks.push(stack.length),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    K: () => stack.push(byte()), // BININT1
    M: () => stack.push(view.getUint16(skip(2), true)), // BININT2
    J: () => stack.push(view.getInt32(skip(4), true)), // BININT
    G: () => stack.push(view.getFloat64(skip(8))), // BINFLOAT
    '\x8a': () => stack.push(long(byte())), // LONG1
    X: () => stack.push(text(word())), // BINUNICODE
    '\x8c': () => stack.push(text(byte())), // SHORT_BINUNICODE
    ')': () => stack.push([]),
    ']': () => stack.push([]),
    '}': () => stack.push(new Map()),
    t: () => stack.push(popMark()), // TUPLE
    '\x85': () => stack.push(popTuple(1)),
    '\x86': () => stack.push(popTuple(2)),
    '\x87': () => stack.push(popTuple(3)),
    a: () => append([pop()]), // APPEND
    e: () => append(popMark()), // APPENDS
    s: () => setItems(popTuple(2)), // SETITEM
    u: () => setItems(popMark()), // SETITEMS
    q: () => memo.set(byte(), top()), // BINPUT
    r: () => memo.set(word(), top()), // LONG_BINPUT
    '\x94': () => memo.set(memo.size, top()), // MEMOIZE
    h: () => stack.push(remembered(byte())), // BINGET
    j: () => stack.push(remembered(word())), // LONG_BINGET
    c: () => stack.push(global([line(), line()])), // GLOBAL
    '\x93': () => stack.push(global(popTuple(2))), // STACK_GLOBAL
    R: () => stack.push(call(pop(), pop())), // REDUCE
    Q: () => stack.push(persistentLoad(pop())), // BINPERSID
    b: pop, // BUILD sets attributes of the object below, such as the _metadata of a state dict
  }
  for (;;) {
    const opcode = String.fromCharCode(byte())
    if (opcode === '.') return pop()
    const run = Object.hasOwn(opcodes, opcode) ? opcodes[opcode] : undefined
    if (run === undefined) {
      const hex = opcode.charCodeAt(0).toString(16).padStart(2, '0')
      throw new CheckpointError(
        `pickle: the opcode 0x${hex} at byte ${at - 1} is refused; expected those of a state dict, saved by torch.save`,
      )
    }
    run()
  }
}

function broken(what: string): CheckpointError {
  return new CheckpointError(`pickle: ${what}; expected what torch.save writes`)
}
