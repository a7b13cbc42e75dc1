// Peak arithmetic speed of this machine: chains of multiply-adds in registers, without memory access. It bounds the
// speed of any matrix product.

import * as f32x4 from '../../src/tensor/backends/wasm/instructions/f32x4.ts'
import * as v128 from '../../src/tensor/backends/wasm/instructions/v128.ts'
import { instantiate, kernel } from '../../src/tensor/backends/wasm/module.ts'
import { Block } from '../../src/tensor/memory.ts'
import { timeCalls } from './table.ts'

const CHAINS = 12 // sixteen registers minus the two factors: enough chains to hide the latency of each
const UNROLL = 8
const ROUNDS = 10_000

const ceiling = {
  ceiling: kernel('i32 at left', (code, at, left) => {
    const x = code.let('x', v128.load(at))
    const y = code.let('y', v128.load(at, 16))
    const chains = Array.from({ length: CHAINS }, (_, i) => code.let(`sum${i}`, v128.load(at)))
    code.repeatWhile(left, () => {
      for (let j = 0; j < UNROLL; j++) {
        for (const sum of chains) code.set(sum, code.multiplyAdd(sum, x, y)) // otherwise x · y would be computed only once
      }
      code.advance(left, -1)
    })
    code.do(
      v128.store(
        at,
        chains.reduce((a, b) => code.let('sum', f32x4.add(a, b))),
      ),
    )
  }),
}

/** GFLOP/s of multiply-adds alone, best run. `relaxed`: one fused multiply-add instruction. */
export async function arithmeticCeiling(relaxed: boolean): Promise<number> {
  const kernels = instantiate(ceiling, relaxed)
  const block = new Block(32)
  const { fast } = await timeCalls(() => kernels.ceiling(block.offset, ROUNDS))
  return (2 * 4 * CHAINS * UNROLL * ROUNDS) / fast
}
