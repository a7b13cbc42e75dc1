// Every differentiable operation of the library.

import { elementwiseCases } from './elementwise.ts'
import { indexingCases } from './indexing.ts'
import { layoutCases } from './layout.ts'
import { matmulCases } from './matmul.ts'
import type { OpCases } from './op-case.ts'
import { reduceCases } from './reduce.ts'
import { layerNormCases, softmaxCases } from './rows.ts'

export const allCases: OpCases = {
  ...elementwiseCases,
  ...reduceCases,
  ...layoutCases,
  ...indexingCases,
  ...matmulCases,
  ...softmaxCases,
  ...layerNormCases,
}
