// Small teachers as files, for the tests of commands.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { saveAgent } from '../../src/export/agent-file.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { QPolicy } from '../../src/rl/policies/discrete-policies.ts'
import { Rng } from '../../src/tensor/index.ts'

/** An untrained network of action values for CartPole-v1. */
export const someAgent = (seed = 1) => new QPolicy(new MLP([4, 16, 2], new Rng(seed)), 4, 2)

/** Writes such an agent and gives the path of its file. */
export function teacherFile(folder: string, seed = 1): string {
  const path = join(folder, `teacher-${seed}.safetensors`)
  writeFileSync(path, saveAgent(someAgent(seed), { environment: 'CartPole-v1' }))
  return path
}

/** Few of everything: what is tested is the way, not how good the student gets. */
export const few = {
  ...{ labels: 20, rounds: 2, rolloutSteps: 200, roundSteps: 100, updates: 6, roundUpdates: 3 },
  hidden: [6],
}

/** Options as `--set name=value`, and as few episodes as can be. */
export function flagsOf(options: Readonly<Record<string, unknown>>): string[] {
  const settings = Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${String(value)}`])
  return [...settings, '--episodes', '1']
}
