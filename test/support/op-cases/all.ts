// Every differentiable operation of the library.

import type { GradientCases } from '../gradient-case.ts'
import { elementwiseCases } from './elementwise.ts'
import { indexingCases } from './indexing.ts'
import { layoutCases } from './layout.ts'
import { matmulCases } from './matmul.ts'
import { reduceCases } from './reduce.ts'
import { layerNormCases, softmaxCases } from './rows.ts'

export const allCases: GradientCases = {
  ...{ ...elementwiseCases, ...reduceCases, ...layoutCases, ...indexingCases, ...matmulCases, ...softmaxCases },
  ...layerNormCases,
}
