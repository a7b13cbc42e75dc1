// The tensor floor's public names. Read next: tensor.ts, then autograd.ts.

export { backward, detach, noGrad, record } from './autograd.ts'
export { cpuBackend, useCpuBackend } from './backends/select.ts'
export * from './errors.ts'
export { Rng } from './random.ts'
export { scope } from './scope.ts'
export type { Shape } from './shape.ts'
export type { Device, DType, TypedArray } from './storage.ts'
export { Tensor } from './tensor.ts'
