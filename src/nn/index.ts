// The network floor's public names. Read next: module.ts, then linear.ts.

export type { Activation } from './activations.ts'
export { loadParameters, saveParameters } from './checkpoint.ts'
export { clipGradNorm, clipGradValue } from './clip-grad.ts'
export { Dropout } from './dropout.ts'
export { DuelingHead } from './dueling-head.ts'
export { Embedding } from './embedding.ts'
export { fit } from './fit.ts'
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
export { LayerNorm } from './layer-norm.ts'
export { Linear } from './linear.ts'
export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from './losses/binary.ts'
export { crossEntropy, nllLoss } from './losses/classification.ts'
export {
  binnedCrossEntropy,
  expectedRegret,
  generalizedJsd,
  listNet,
  smoothedLogits,
  softActorLoss,
} from './losses/distillation.ts'
export { klDivergence } from './losses/kl.ts'
export { gaussianNllLoss, huberLoss, l1Loss, mseLoss, smoothL1Loss } from './losses/regression.ts'
export { MLP } from './mlp.ts'
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
export { NoisyLinear } from './noisy-linear.ts'
export { Adagrad } from './optimizers/adagrad.ts'
export { Adam, AdamW } from './optimizers/adam.ts'
export { Optimizer, type OptimizerSource } from './optimizers/optimizer.ts'
export type { Slot } from './optimizers/parameter-group.ts'
export { RmsProp } from './optimizers/rmsprop.ts'
export { Sgd } from './optimizers/sgd.ts'
export { readSafetensors, writeSafetensors } from './safetensors.ts'
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
} from './schedules.ts'
export { Sequential } from './sequential.ts'
export { symexp, symlog } from './symlog.ts'
export { BinReadOut, fromTwoHot, hlGauss, supportCenters, supportValues, twoHot } from './value-bins.ts'
