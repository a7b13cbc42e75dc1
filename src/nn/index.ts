// The network floor's public names. Read next: module.ts, then linear.ts.

export { type Activation, type ActivationName, activationOf, activations } from './activations.ts'
export { loadParameters, saveParameters } from './checkpoint.ts'
export { clipGradNorm, clipGradNormOnDevice, clipGradValue, type NormType } from './clip-grad.ts'
export { Dropout } from './dropout.ts'
export { DuelingHead } from './dueling-head.ts'
export { Embedding } from './embedding.ts'
export { type EpochReport, type FitOptions, fit } from './fit.ts'
export { flattenParameters, parameter } from './flat.ts'
export {
  constant,
  gainOf,
  type Initializer,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  linearDefault,
  type Nonlinearity,
  normalWith,
  orthogonal,
  uniformWithin,
  xavierNormal,
  xavierUniform,
} from './init.ts'
export { LayerNorm } from './layer-norm.ts'
export { Linear, type LinearOptions } from './linear.ts'
export { type BinaryOptions, binaryCrossEntropy, binaryCrossEntropyWithLogits } from './losses/binary.ts'
export { type CrossEntropyOptions, crossEntropy, type NllOptions, nllLoss } from './losses/classification.ts'
export { klLoss, klTerms } from './losses/kl.ts'
export type { Reduction, ReductionOption } from './losses/reduction.ts'
export {
  type GaussianNllOptions,
  gaussianNllLoss,
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from './losses/regression.ts'
export { zeroSafeProduct } from './losses/zero-safe.ts'
export { MLP, type MlpOptions } from './mlp.ts'
export {
  castParameters,
  copyParameters,
  countParameters,
  freeze,
  type HasParameters,
  joinParameters,
  type Module,
  type NamedParameters,
  namedParameters,
  type ParameterSource,
  parameterList,
  softUpdate,
  unfreeze,
  withFrozen,
} from './module.ts'
export { NoisyLinear } from './noisy-linear.ts'
export { Adagrad, type AdagradSettings, adagradDefaults } from './optimizers/adagrad.ts'
export { Adam, type AdamSettings, AdamW, adamDefaults } from './optimizers/adam.ts'
export {
  type CommonSettings,
  type GroupOptions,
  type MinimizeOptions,
  Optimizer,
  type OptimizerSource,
  type OptimizerState,
} from './optimizers/optimizer.ts'
export { RmsProp, type RmsPropSettings, rmsPropDefaults } from './optimizers/rmsprop.ts'
export { Sgd, type SgdSettings, sgdDefaults } from './optimizers/sgd.ts'
export {
  numbersOf,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  storedTensor,
  writeSafetensors,
} from './safetensors.ts'
export { ELEMENT_BITS, type ElementType } from './safetensors-types.ts'
export {
  cosineSchedule,
  exponentialSchedule,
  linearSchedule,
  multiStepSchedule,
  type OneCycleOptions,
  oneCycleMomentum,
  oneCycleSchedule,
  polynomialSchedule,
  type Schedule,
  type Scheduled,
  sequentialSchedule,
  stepSchedule,
  valueAt,
  warmRestartsSchedule,
} from './schedules.ts'
export { type Layer, Sequential } from './sequential.ts'
export * from './symlog.ts'
export * from './value-bins.ts'
