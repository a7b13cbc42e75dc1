// The WebAssembly instructions that the kernels use: bytes, operands, result and effect, from the WebAssembly core
// specification 2.0 (SIMD: section 5.4.8, prefix 0xfd) and the relaxed-SIMD proposal. Read next: instructions.ts.

import { leb } from './byte-writer.ts'

/** i32: integer or byte offset; f32, f64: floats; v128: a vector of four f32, four i32 or two f64. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128'

/** Numbers after the operands: the lane, and the offset in bytes from the address. */
export type Immediates = 'offset' | 'lane' | 'lane offset'

export type Row = readonly [bytes: readonly number[], operands: string, result: ValueType | 'nothing', Immediates?]

// Rows of the usual kinds. `code` follows the prefix of vector instructions.
const vector = (code: number) => [0xfd, ...leb(code)]
const binary = (code: number) => [vector(code), 'v128 v128', 'v128'] as const
const unary = (code: number) => [vector(code), 'v128', 'v128'] as const
const integer = (byte: number) => [[byte], 'i32 i32', 'i32'] as const

function table() {
  return {
    // Control. Labels count enclosing constructs from the innermost, 0.
    block: [[0x02], '', 'nothing'], // a branch to its label leaves it
    loop: [[0x03], '', 'nothing'], // a branch to its label restarts it
    if: [[0x04], 'i32', 'nothing'], // runs its body if the operand is not 0 …
    else: [[0x05], '', 'nothing'], // … else this one
    end: [[0x0b], '', 'nothing'], // closes block, loop, if and the function
    br_if: [[0x0d], 'i32', 'nothing'], // [label] branches if the operand is not 0

    // Locals: parameters first, in order, then the variables
    'local.get': [[0x20], '', 'i32'], // [index]
    'local.set': [[0x21], 'any', 'nothing'], // [index]

    // Constants, the value as immediate
    'i32.const': [[0x41], '', 'i32'],
    'f32.const': [[0x43], '', 'f32'],
    'f64.const': [[0x44], '', 'f64'],
    'v128.const': [[0xfd, 0x0c], '', 'v128'],

    // Memory. The address is the operand plus the offset, in bytes.
    'i32.load': [[0x28], 'i32', 'i32', 'offset'],
    'f32.load': [[0x2a], 'i32', 'f32', 'offset'],
    'i32.store': [[0x36], 'i32 i32', 'nothing', 'offset'],
    'f32.store': [[0x38], 'i32 f32', 'nothing', 'offset'],
    'v128.load': [[0xfd, 0x00], 'i32', 'v128', 'offset'], // sixteen bytes
    'v128.load32_splat': [[0xfd, 0x09], 'i32', 'v128', 'offset'], // four bytes into every lane
    'v128.load32_zero': [[0xfd, 0x5c], 'i32', 'v128', 'offset'], // four bytes into lane 0, the others 0
    'v128.load32_lane': [[0xfd, 0x56], 'i32 v128', 'v128', 'lane offset'], // four bytes into one lane of the vector
    'v128.load64_lane': [[0xfd, 0x57], 'i32 v128', 'v128', 'lane offset'], // eight bytes into two lanes of the vector
    'v128.store': [[0xfd, 0x0b], 'i32 v128', 'nothing', 'offset'], // sixteen bytes
    'v128.store32_lane': [[0xfd, 0x5a], 'i32 v128', 'nothing', 'lane offset'], // one lane
    'v128.store64_lane': [[0xfd, 0x5b], 'i32 v128', 'nothing', 'lane offset'], // two lanes

    // Integers; comparisons give 1 or 0
    'i32.eqz': [[0x45], 'i32', 'i32'], // = 0
    'i32.eq': integer(0x46),
    'i32.lt_u': integer(0x49), // <, unsigned for addresses
    'i32.gt_u': integer(0x4b),
    'i32.ge_u': integer(0x4f),
    'i32.add': integer(0x6a),
    'i32.sub': integer(0x6b),
    'i32.mul': integer(0x6c),
    'i32.and': integer(0x71),
    'i32.or': integer(0x72),
    'i32.shl': integer(0x74), // first << second
    'i32.shr_u': integer(0x76), // first >>> second

    // Floats
    'f32.eq': [[0x5b], 'f32 f32', 'i32'],
    'f32.ne': [[0x5c], 'f32 f32', 'i32'], // true of NaN and itself
    'f32.lt': [[0x5d], 'f32 f32', 'i32'],
    'f32.gt': [[0x5e], 'f32 f32', 'i32'],
    'f32.add': [[0x92], 'f32 f32', 'f32'],
    'f32.demote_f64': [[0xb6], 'f64', 'f32'], // rounds to nearest, ties to even
    'f64.promote_f32': [[0xbb], 'f32', 'f64'], // exact
    'f64.convert_i32_u': [[0xb8], 'i32', 'f64'], // exact
    'f64.add': [[0xa0], 'f64 f64', 'f64'],
    'f64.sub': [[0xa1], 'f64 f64', 'f64'],
    'f64.div': [[0xa3], 'f64 f64', 'f64'],
    'f64.sqrt': [[0x9f], 'f64', 'f64'],

    // Lanes
    'f32x4.splat': [[0xfd, 0x13], 'f32', 'v128'], // into all four lanes
    'i32x4.splat': [[0xfd, 0x11], 'i32', 'v128'],
    'f64x2.extract_lane': [[0xfd, 0x21], 'v128', 'f64', 'lane'],
    'i8x16.shuffle': binary(0xd), // [16 byte numbers: 0-15 of the first, 16-31 of the second]

    // Bits
    'v128.not': unary(0x4d),
    'v128.and': binary(0x4e),
    'v128.or': binary(0x50),
    'v128.bitselect': [[0xfd, 0x52], 'v128 v128 v128', 'v128'], // third ? first : second, bit by bit
    'i32x4.shl': [[0xfd, 0xab, 0x01], 'v128 i32', 'v128'],
    'i32x4.shr_s': [[0xfd, 0xac, 0x01], 'v128 i32', 'v128'], // the sign fills in
    'i32x4.add': binary(0xae),
    'i32x4.lt_s': binary(0x39), // all ones or all zeros in each lane
    'i32x4.sub': binary(0xb1),
    'f32x4.convert_i32x4_s': unary(0xfa), // integers to floats

    // Four floats at a time. Comparisons give all ones or all zeros in each lane; with NaN all zeros (ne: ones).
    'f32x4.eq': binary(0x41),
    'f32x4.ne': binary(0x42),
    'f32x4.lt': binary(0x43),
    'f32x4.gt': binary(0x44),
    'f32x4.le': binary(0x45),
    'f32x4.ge': binary(0x46),
    'f32x4.abs': unary(0xe0),
    'f32x4.neg': unary(0xe1),
    'f32x4.sqrt': unary(0xe3),
    'f32x4.add': binary(0xe4),
    'f32x4.sub': binary(0xe5),
    'f32x4.mul': binary(0xe6),
    'f32x4.div': binary(0xe7),
    'f32x4.min': binary(0xe8), // NaN if either is; eight machine instructions
    'f32x4.max': binary(0xe9),
    'f32x4.pmin': binary(0xea), // second < first ? second : first; one instruction
    'f32x4.pmax': binary(0xeb), // first < second ? second : first

    // Two doubles at a time, for accurate sums
    'f64x2.add': binary(0xf0),
    'f64x2.promote_low_f32x4': unary(0x5f), // lanes 0 and 1 to doubles
    'f32x4.demote_f64x2_zero': unary(0x5e), // two doubles to lanes 0 and 1, the others 0

    // Relaxed SIMD, on request only: one rounding or two, depending on the machine
    'f32x4.relaxed_madd': [[0xfd, 0x85, 0x02], 'v128 v128 v128', 'v128'], // first · second + third
  } as const satisfies Record<string, Row>
}

/** name: [bytes, operands from first to last, result, immediates]. */
export const opcodes = /* @__PURE__ */ table()

export type Op = keyof typeof opcodes
