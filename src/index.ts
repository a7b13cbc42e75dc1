// alambic's public names, floor by floor. Each floor is an entry point of its own as well:
// alambic/tensor, /nn, /rl, /distill, /export.

export * from './distill/index.ts'
export * from './export/index.ts'
export * from './nn/index.ts'
export * from './rl/index.ts'
export * from './tensor/index.ts'
