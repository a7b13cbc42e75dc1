// The network floor's public names. Read next: module.ts, then layers/linear.ts.

export { loadParameters, saveParameters } from './files/parameters.ts'
export { readSafetensors, writeSafetensors } from './files/safetensors.ts'
export {
  calculateGain,
  constant,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  normalInit,
  orthogonal,
  uniformInit,
  xavierNormal,
  xavierUniform,
} from './init.ts'
export type { Activation } from './layers/activations.ts'
export { Dropout } from './layers/dropout.ts'
export { DuelingHead } from './layers/dueling-head.ts'
export { Embedding } from './layers/embedding.ts'
export { LayerNorm } from './layers/layer-norm.ts'
export { Linear } from './layers/linear.ts'
export { MLP } from './layers/mlp.ts'
export { NoisyLinear } from './layers/noisy-linear.ts'
export { Sequential } from './layers/sequential.ts'
export { BinReadOut, fromTwoHot, hlGauss, supportCenters, supportValues, twoHot } from './layers/value-bins.ts'
export { binaryCrossEntropy, binaryCrossEntropyWithLogits, crossEntropy, nllLoss } from './losses/classification.ts'
export { generalizedJsd, listNet, smoothedLogits } from './losses/distillation.ts'
export { klDivergence } from './losses/kl.ts'
export { gaussianNllLoss, huberLoss, l1Loss, mseLoss, smoothL1Loss } from './losses/regression.ts'
export {
  collectParameters,
  copyParameters,
  countParameters,
  freeze,
  type HasParameters,
  type Module,
  type NamedParameters,
  namedParameters,
  polyakUpdate,
  unfreeze,
  withFrozen,
} from './module.ts'
export { Adagrad } from './optimizers/adagrad.ts'
export { Adam, AdamW } from './optimizers/adam.ts'
export { clipGradNorm, clipGradValue } from './optimizers/clip-grad.ts'
export { fit } from './optimizers/fit.ts'
export { Optimizer, type OptimizerSource } from './optimizers/optimizer.ts'
export type { Slot } from './optimizers/parameter-group.ts'
export { RMSprop } from './optimizers/rmsprop.ts'
export {
  cosineSchedule,
  cosineWarmRestarts,
  exponentialSchedule,
  linearSchedule,
  multiStepSchedule,
  oneCycleSchedule,
  polynomialSchedule,
  type Scheduled,
  sequentialSchedule,
  stepSchedule,
} from './optimizers/schedules.ts'
export { SGD } from './optimizers/sgd.ts'
export { symexp, symlog } from './symlog.ts'
