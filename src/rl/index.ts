// The reinforcement learning floor's public names. Read next: env.ts.

export * from './env.ts'
export * from './spaces.ts'
