// Public names of alambic/tensor. Read next: autograd/tensor.ts, then ops/elementwise.ts.

export { customOp, detach, noGrad } from './autograd/autograd.ts'
export { grad, gradcheck, hessianVectorProduct } from './autograd/grad.ts'
export { scope } from './autograd/scope.ts'
export { Tensor } from './autograd/tensor.ts'
export { getBackend, setBackend } from './dispatch/select.ts'
export {
  AlambicError,
  CheckpointError,
  DeviceError,
  DivergenceError,
  DTypeError,
  GradientError,
  ScopeError,
  ShapeError,
  StateError,
  unknownName,
  ValueError,
} from './errors.ts'
export { cumprod, cumsum, sort, topk } from './ops/along-axis.ts'
export { arange, cast, eye, full, normal, oneHot, ones, tensor, uniform, zeros, zerosLike } from './ops/create.ts'
export * from './ops/elementwise.ts'
export { embedding, flip, gather, indexSelect } from './ops/indexing.ts'
export {
  concat,
  expand,
  narrow,
  permute,
  reshape,
  slice,
  split,
  squeeze,
  stack,
  transpose,
  unsqueeze,
} from './ops/layout.ts'
export { linear, matmul } from './ops/matmul.ts'
export { amax, amin, argmax, argmin, logsumexp, max, mean, min, norm, std, sum, variance } from './ops/reduce.ts'
export { layerNorm, logSoftmax, softmax } from './ops/rows.ts'
export { Rng } from './random.ts'
export type { Shape } from './shape.ts'
export type { DType } from './storage.ts'
export { getThreads, setThreads } from './threads/threads.ts'
