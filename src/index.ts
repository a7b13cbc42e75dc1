// The shortest way in: what the first ten lines of a program need. All other names are in the entry points of the floors:
// alambic/tensor, /nn, /rl, /distill, /tabular, /render, /export, /gpu.

export { distill } from './distill/distill.ts'
export { MLP } from './nn/layers/mlp.ts'
export { Adam } from './nn/optimizers/adam.ts'
export { make } from './rl/envs/tasks/make.ts'
export { evaluatePolicy } from './rl/evaluate.ts'
export { ppo } from './rl/on-policy/ppo.ts'
export { finish } from './rl/training/training.ts'
export { dqn } from './rl/value-based/dqn.ts'
export { scope } from './tensor/autograd/scope.ts'
export { tensor } from './tensor/ops/create.ts'
export { Rng } from './tensor/random.ts'
