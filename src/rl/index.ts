// The reinforcement learning floor's public names. Read next: env.ts.

export * from './env.ts'
export * from './envs/cart-pole.ts'
export * from './registry.ts'
export * from './spaces.ts'
export * from './wrappers/record-episode-statistics.ts'
export * from './wrappers/time-limit.ts'
export * from './wrappers/wrapper.ts'
