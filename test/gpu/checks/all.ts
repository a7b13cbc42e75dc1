// Everything that is checked on a GPU, in Node and in a browser alike.

import { batchChecks } from './batches.ts'
import type { Check } from './check.ts'
import { compilingChecks } from './compiling.ts'
import { errorChecks, lossOfDevice } from './errors.ts'
import { lossChecks, networkChecks, operationChecks, optimizerChecks } from './golden.ts'
import { layerChecks } from './layers.ts'
import { matmulChecks } from './matmul.ts'
import { notFiniteChecks } from './not-finite.ts'
import { gradientChecks } from './operations.ts'
import { parityChecks } from './parity.ts'
import { trainingChecks } from './training.ts'

/** Every kernel once or twice. */
export const kernelChecks: readonly Check[] = [
  ...matmulChecks,
  ...parityChecks(2),
  ...notFiniteChecks,
  ...trainingChecks,
  ...compilingChecks,
]

/** The last one loses the device. On a GPU every shape is a kernel to be compiled, so each property gets few runs. */
export const allChecks: readonly Check[] = [
  ...matmulChecks,
  ...parityChecks(10),
  ...notFiniteChecks,
  ...batchChecks,
  ...gradientChecks(3),
  ...operationChecks,
  ...lossChecks,
  ...layerChecks,
  ...optimizerChecks,
  ...networkChecks,
  ...trainingChecks,
  ...compilingChecks,
  ...errorChecks,
  lossOfDevice,
]
