// The shortest way in: what the first ten lines of a program need. All other names are in the entry points of the floors:
// alambic/tensor, /nn, /rl, /distill, /tabular, /render, /export, /gpu.

export { distill } from './distill/distill.ts'
export { MLP } from './nn/mlp.ts'
export { Adam } from './nn/optimizers/adam.ts'
export { dqn } from './rl/algorithms/dqn.ts'
export { ppo } from './rl/algorithms/ppo.ts'
export { evaluatePolicy } from './rl/evaluate.ts'
export { make } from './rl/registry.ts'
export { finish } from './rl/training.ts'
export { tensor } from './tensor/ops/create.ts'
export { Rng } from './tensor/random.ts'
export { scope } from './tensor/scope.ts'
