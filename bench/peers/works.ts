// Workloads of `npm run bench:peers`, and the processes that run them.

import type { Unit } from '../lib/bench-file.ts'

export const WORKS = [
  'matmul/64',
  'train-step/4-64-64-2/64',
  'train-step/4-64-64-2/256',
  'train-step/784-256-128-10/128',
  'train-step/1024-1024-1024-10/256',
  'act/4-64-64-2',
  'env/cartpole/64',
  'loop/ppo',
  'loop/a2c',
  'loop/dqn',
  'loop/c51',
  'loop/sac',
  'loop/td3',
  'loop/ddpg',
] as const

/** Threads of `ours`. */
export const THREADS = 2

export interface Column {
  readonly program: 'alambic' | 'torch' | 'tfjs' | 'jax'
  readonly threads: number
}

/** `fused` is PyTorch's fused Adam, `compile` is torch.compile with it; `ours` and `_2` have two threads. */
export const COLUMNS: Readonly<Record<string, Column>> = {
  ours: { program: 'alambic', threads: THREADS },
  ours_1: { program: 'alambic', threads: 1 },
  pytorch: { program: 'torch', threads: 1 },
  pytorch_fused: { program: 'torch', threads: 1 },
  pytorch_compile: { program: 'torch', threads: 1 },
  pytorch_2: { program: 'torch', threads: 2 },
  pytorch_fused_2: { program: 'torch', threads: 2 },
  numpy: { program: 'torch', threads: 1 },
  tfjs_wasm: { program: 'tfjs', threads: 1 },
  jax_js: { program: 'jax', threads: 1 },
}

export function unitOf(work: string): Unit {
  const [kind] = work.split('/')
  if (kind === 'matmul') return 'GFLOP/s'
  return kind === 'train-step' || kind === 'act' ? 'us' : 'steps/s'
}
