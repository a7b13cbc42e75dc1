// The WebAssembly instructions that the kernels use: bytes, operands, result and effect, from the WebAssembly core
// specification 2.0 (SIMD: section 5.4.8, prefix 0xfd) and the relaxed-SIMD proposal. Read next: instructions.ts.

/** i32: integer or byte offset; f32, f64: floats; v128: a vector of four f32, four i32 or two f64. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128'

/** Numbers after the operands: the lane, and the offset in bytes from the address. */
export type Immediates = 'offset' | 'lane' | 'lane offset'

export type Row = readonly [bytes: readonly number[], operands: string, result: ValueType | 'nothing', Immediates?]

/** name: [bytes, operands from first to last, result, immediates]. */
export const opcodes = {
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
  'i32.eq': [[0x46], 'i32 i32', 'i32'],
  'i32.lt_u': [[0x49], 'i32 i32', 'i32'], // <, unsigned for addresses
  'i32.gt_u': [[0x4b], 'i32 i32', 'i32'],
  'i32.ge_u': [[0x4f], 'i32 i32', 'i32'],
  'i32.add': [[0x6a], 'i32 i32', 'i32'],
  'i32.sub': [[0x6b], 'i32 i32', 'i32'],
  'i32.mul': [[0x6c], 'i32 i32', 'i32'],
  'i32.and': [[0x71], 'i32 i32', 'i32'],
  'i32.or': [[0x72], 'i32 i32', 'i32'],
  'i32.shl': [[0x74], 'i32 i32', 'i32'], // first << second
  'i32.shr_u': [[0x76], 'i32 i32', 'i32'], // first >>> second

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
  'i8x16.shuffle': [[0xfd, 0x0d], 'v128 v128', 'v128'], // [16 byte numbers: 0-15 of the first, 16-31 of the second]

  // Bits
  'v128.not': [[0xfd, 0x4d], 'v128', 'v128'],
  'v128.and': [[0xfd, 0x4e], 'v128 v128', 'v128'],
  'v128.or': [[0xfd, 0x50], 'v128 v128', 'v128'],
  'v128.bitselect': [[0xfd, 0x52], 'v128 v128 v128', 'v128'], // third ? first : second, bit by bit
  'i32x4.shl': [[0xfd, 0xab, 0x01], 'v128 i32', 'v128'],
  'i32x4.shr_s': [[0xfd, 0xac, 0x01], 'v128 i32', 'v128'], // the sign fills in
  'i32x4.add': [[0xfd, 0xae, 0x01], 'v128 v128', 'v128'],
  'i32x4.lt_s': [[0xfd, 0x39], 'v128 v128', 'v128'], // all ones or all zeros in each lane
  'i32x4.sub': [[0xfd, 0xb1, 0x01], 'v128 v128', 'v128'],
  'f32x4.convert_i32x4_s': [[0xfd, 0xfa, 0x01], 'v128', 'v128'], // integers to floats

  // Four floats at a time. Comparisons give all ones or all zeros in each lane; with NaN all zeros (ne: ones).
  'f32x4.eq': [[0xfd, 0x41], 'v128 v128', 'v128'],
  'f32x4.ne': [[0xfd, 0x42], 'v128 v128', 'v128'],
  'f32x4.lt': [[0xfd, 0x43], 'v128 v128', 'v128'],
  'f32x4.gt': [[0xfd, 0x44], 'v128 v128', 'v128'],
  'f32x4.le': [[0xfd, 0x45], 'v128 v128', 'v128'],
  'f32x4.ge': [[0xfd, 0x46], 'v128 v128', 'v128'],
  'f32x4.abs': [[0xfd, 0xe0, 0x01], 'v128', 'v128'],
  'f32x4.neg': [[0xfd, 0xe1, 0x01], 'v128', 'v128'],
  'f32x4.sqrt': [[0xfd, 0xe3, 0x01], 'v128', 'v128'],
  'f32x4.add': [[0xfd, 0xe4, 0x01], 'v128 v128', 'v128'],
  'f32x4.sub': [[0xfd, 0xe5, 0x01], 'v128 v128', 'v128'],
  'f32x4.mul': [[0xfd, 0xe6, 0x01], 'v128 v128', 'v128'],
  'f32x4.div': [[0xfd, 0xe7, 0x01], 'v128 v128', 'v128'],
  'f32x4.min': [[0xfd, 0xe8, 0x01], 'v128 v128', 'v128'], // NaN if either is; eight machine instructions
  'f32x4.max': [[0xfd, 0xe9, 0x01], 'v128 v128', 'v128'],
  'f32x4.pmin': [[0xfd, 0xea, 0x01], 'v128 v128', 'v128'], // second < first ? second : first; one instruction
  'f32x4.pmax': [[0xfd, 0xeb, 0x01], 'v128 v128', 'v128'], // first < second ? second : first

  // Two doubles at a time, for accurate sums
  'f64x2.add': [[0xfd, 0xf0, 0x01], 'v128 v128', 'v128'],
  'f64x2.promote_low_f32x4': [[0xfd, 0x5f], 'v128', 'v128'], // lanes 0 and 1 to doubles
  'f32x4.demote_f64x2_zero': [[0xfd, 0x5e], 'v128', 'v128'], // two doubles to lanes 0 and 1, the others 0

  // Relaxed SIMD, on request only: one rounding or two, depending on the machine
  'f32x4.relaxed_madd': [[0xfd, 0x85, 0x02], 'v128 v128 v128', 'v128'], // first · second + third
} as const satisfies Record<string, Row>

export type Op = keyof typeof opcodes
