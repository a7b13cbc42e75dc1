import { symexp, symlog } from '../../../src/nn/symlog.ts'
import type { Tensor } from '../../../src/tensor/index.ts'
import { awayFromZero, shapes } from '../arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, kink, shown } from '../gradient-case.ts'

const calls = (name: string, run: (x: Tensor) => Tensor) =>
  shapes()
    .chain((shape) => awayFromZero(shape)) // the second derivative jumps at 0
    .map((x): GradientCall => ({ call: shown(name, [x]), run: (y) => run(y!), inputs: [x] }))

/** Not part of `allCases`: these compute on the CPU only. */
export const symlogCases: GradientCases = {
  symlog: gradientCase('y = sign(x) ln(1 + |x|);  dx = dy / (1 + |x|)', calls('symlog', symlog), [
    kink(symlog, [[0]], [1], [0]),
  ]),
  symexp: gradientCase('y = sign(x) (e^|x| − 1);  dx = dy e^|x|', calls('symexp', symexp), [
    kink(symexp, [[0]], [1], [0]),
  ]),
}
