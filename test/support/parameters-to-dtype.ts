// Networks in float64, for gradient checks.

import { type ParameterSource, parameterList } from '../../src/nn/module.ts'
import { CpuStorage, type DType, newArray } from '../../src/tensor/storage.ts'

/** Converts parameters on the CPU to another dtype, in place, such as `float64` for gradient checks. Drops gradients. */
export function parametersToDtype(source: ParameterSource, dtype: DType): void {
  for (const tensor of parameterList(source)) {
    if (tensor.dtype === dtype) continue
    const values = newArray(dtype, tensor.size)
    values.set(tensor.view())
    tensor.storage = CpuStorage.onHeap(values)
    tensor.grad = null
    tensor.gradHome = null
  }
}
