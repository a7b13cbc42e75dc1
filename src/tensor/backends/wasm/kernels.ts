// All kernels by name, and their text, for `alambic inspect kernel matmul`.

import { unknownName, ValueError } from '../../errors.ts'
import { mapKernels } from './map-kernels.ts'
import { matmulKernels } from './matmul-kernels.ts'
import { writeKernel } from './module.ts'
import { arrangementKernels, indexingKernels } from './move-kernels.ts'
import { optimizerKernels } from './optimizer-kernels.ts'
import { packKernels } from './pack-kernels.ts'
import { argReduceKernels, cumsum, reduceKernels } from './reduce-kernels.ts'
import { softmaxKernels } from './softmax-kernels.ts'
import { standardizeKernels } from './standardize-kernels.ts'
import { functionText } from './text.ts'
import { where, zipKernels } from './zip-kernels.ts'

export const allKernels = {
  ...matmulKernels,
  ...packKernels,
  ...mapKernels(),
  ...zipKernels(),
  where,
  ...reduceKernels(),
  ...argReduceKernels(),
  cumsum,
  ...softmaxKernels(),
  ...standardizeKernels,
  ...arrangementKernels,
  ...indexingKernels,
  ...optimizerKernels(),
}

/** The names that `kernelText` accepts. */
export function kernelNames(): string[] {
  return Object.keys(allKernels)
}

/**
 * A kernel in the text format of WebAssembly. The prefixes of maps and zips, such as `map.tanh` and `zip.add`, may be omitted.
 * Throws a ValueError for an unknown name.
 */
export function kernelText(name: string): string {
  const full = [name, `map.${name}`, `zip.${name}`].find((each) => Object.hasOwn(allKernels, each))
  if (full === undefined) throw new ValueError(unknownName('kernel', name, kernelNames()))
  return functionText(writeKernel(full, allKernels, false))
}
