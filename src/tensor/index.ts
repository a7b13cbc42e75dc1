export { detach, type GradientRule, noGrad, record } from './autograd.ts'
export { type CpuBackendName, getBackend, setBackend, withBackend } from './backends/select.ts'
export * from './errors.ts'
export { checkGradient, type GradientCheck } from './gradcheck.ts'
export * from './ops/create.ts'
export * from './ops/elementwise.ts'
export * from './ops/indexing.ts'
export * from './ops/layer-norm.ts'
export * from './ops/layout.ts'
export * from './ops/matmul.ts'
export {
  type Axes,
  amax,
  amin,
  argmax,
  argmin,
  cumsum,
  logsumexp,
  max,
  mean,
  min,
  std,
  sum,
  variance,
} from './ops/reduce.ts'
export * from './ops/softmax.ts'
export { Rng, type RngState } from './random.ts'
export { scope } from './scope.ts'
export type { Shape } from './shape.ts'
export type { Device, DType, TypedArray } from './storage.ts'
export { Tensor } from './tensor.ts'
