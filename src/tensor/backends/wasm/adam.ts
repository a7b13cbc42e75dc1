// Adam's update, one pass over a whole block of parameters. The rule and its sources are beside the loop of
// ../reference/adam.ts. Other optimizers are composed of elementwise operations: src/nn/optimizers.

import type { Updates } from '../backend.ts'
import type { Code } from './assembler.ts'
import type { V, Vector } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as v128 from './instructions/v128.ts'
import { instantiate, kernel } from './module.ts'
import { HEAVY, inParts, LINE } from './parts.ts'
import { address, finishAll } from './staging.ts'
import { forEachVector } from './vectors.ts'

/** keep · average + rest · x, or 0 below the smallest normal number. The moments of a weight without gradient (of a unit that
 * relu has cut off) decay into these numbers and stay there, and arithmetic on them takes many times as long. */
function averaged(code: Code, keep: V, average: V, rest: V, x: V): V {
  const y = code.let('y', f32x4.add(f32x4.mul(keep, average), f32x4.mul(rest, x)))
  return v128.bitselect(0, y, f32x4.lt(f32x4.abs(y), 1.1754943508222875e-38))
}

const signature = 'i32 p g first second largest count, f32 rate beta1 rest1 beta2 rest2 epsilon correction decay shrink'

/**
 * p := shrink p - rate m / (correction √v + ε), g including decay p. `correction` is 1 / √(1 - β₂ᵗ); `rate` includes
 * 1 / (1 - β₁ᵗ). With AMSGrad, v is the running maximum; without, `largest` is ignored.
 */
const adam = (amsgrad: boolean) =>
  kernel(signature, (code, pAt, gAt, mAt, vAt, largestAt, count, ...constants) => {
    const splats = constants.map((each) => code.let(each.name, f32x4.splat(each)))
    const [rate, beta1, rest1, beta2, rest2, epsilon, correction, decay, shrink] = splats as Nine
    forEachVector(code, count, [pAt, gAt, mAt, vAt, largestAt], (lanes) => {
      const read = (name: string, at: typeof pAt) => code.let(name, lanes.load(at))
      const write = (at: typeof pAt, value: V) => {
        const written = code.let('written', value)
        lanes.store(at, written)
        return written
      }
      const p = read('parameter', pAt)
      const g = code.let('gradient', f32x4.add(read('grad', gAt), f32x4.mul(decay, p)))
      const m = write(mAt, averaged(code, beta1, read('first', mAt), rest1, g))
      const v = write(vAt, averaged(code, beta2, read('second', vAt), rest2, f32x4.mul(g, g)))
      const spread = amsgrad ? write(largestAt, f32x4.pmax(v, read('largest', largestAt))) : v
      const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(spread), correction), epsilon)
      write(pAt, f32x4.sub(f32x4.mul(p, shrink), f32x4.div(f32x4.mul(rate, m), denominator)))
    })
  })

type Nine = [Vector, Vector, Vector, Vector, Vector, Vector, Vector, Vector, Vector]

export const updateKernels = () => ({ adam: adam(false), amsgrad: adam(true) })

export function compileUpdates(relaxed: boolean): Updates {
  const kernels = instantiate(updateKernels(), relaxed)
  return {
    adam(parameter, grad, first, second, maxSecond, s) {
      const [p, g, m, v] = [address(parameter), address(grad), address(first), address(second)]
      const largest = maxSecond === null ? 0 : address(maxSecond)
      const rate = s.learningRate / (1 - s.beta1Power)
      const correction = 1 / Math.sqrt(1 - s.beta2Power)
      const decay = s.decoupled ? 0 : s.weightDecay
      const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1
      const kind = maxSecond === null ? 'adam' : 'amsgrad'
      const [rest1, rest2] = [1 - s.beta1, 1 - s.beta2]
      inParts(kernels, HEAVY * parameter.length, parameter.length, LINE, (on, from, end) => {
        const [i, n] = [4 * from, end - from]
        // biome-ignore format: spread arguments cost more than the update of a small network
        on[kind](p + i, g + i, m + i, v + i, largest + i, n, rate, s.beta1, rest1, s.beta2, rest2, s.epsilon, correction, decay, shrink)
      })
      finishAll([parameter, first, second, maxSecond], [p, m, v, largest])
    },
  }
}
