// Who plays, by name: `random`, the folder of a training run, or anything else that was left as an agent.

import { statSync } from 'node:fs'
import { Option } from 'commander'
import { StateValueAgent } from '../rl/discrete-policies.ts'
import type { AnyEnv } from '../rl/env.ts'
import { Lookahead } from '../rl/lookahead.ts'
import { make } from '../rl/registry.ts'
import type { Box, Discrete } from '../rl/spaces.ts'
import { nearestMatch } from '../tensor/errors.ts'
import type { Rng } from '../tensor/random.ts'
import { UsageError } from './failures.ts'
import { isRun, readSavedAgent } from './saved-agents.ts'
import { RunFolder } from './training/run-folder.ts'

/** `--policy <name>` */
export function policyOption(): Option {
  const about = 'random, the folder of a run or a student, or the .safetensors file of a network'
  return new Option('--policy <name>', about).default('random')
}

/** Chooses an action for the environment as it stands. */
export type Chooser = (env: AnyEnv, observation: unknown) => unknown

/**
 * Greedy play of a saved agent, or random play. An agent of state values looks ahead by one step.
 *
 * @param env what is played, as agents see it: `singleEnv` of its id.
 * @param rng what the random policy draws from.
 */
export function choosePolicy(name: string, env: AnyEnv, rng: Rng): Chooser {
  if (name === 'random') return (each) => each.actionSpace.sample(rng)
  if (statSync(name, { throwIfNoEntry: false }) === undefined) {
    const hint = nearestMatch(name, ['random']) === undefined ? '' : ' Did you mean random?'
    throw new UsageError(
      `--policy: there is no "${name}"; expected random, the folder of a run or a student, or a .safetensors file.${hint}`,
    )
  }
  return isRun(name) ? runPolicy(name, env) : savedPolicy(name, env)
}

// Every algorithm's agent acts, be its actions choices or forces, its values a network or a table.
function runPolicy(path: string, env: AnyEnv): Chooser {
  const run = RunFolder.open(path)
  if (run.config.env !== env.id) {
    throw new UsageError(`--policy ${path}: this run learned ${run.config.env}, and ${env.id} is to be played`)
  }
  const agent = run.readAgent()
  return (_, observation) => agent.act(observation as Float32Array)
}

function savedPolicy(path: string, env: AnyEnv): Chooser {
  const { agent } = readSavedAgent(path)
  const { observationSize, actionCount } = requireVectorEnv(path, env)
  const given = agent instanceof StateValueAgent ? '' : ` and chooses among ${agent.actionCount} actions`
  if (agent.observationSize !== observationSize || (given !== '' && agent.actionCount !== actionCount)) {
    throw new UsageError(
      `--policy ${path}: it takes ${agent.observationSize} numbers${given}; ${env.id} shows ${observationSize} and has ${actionCount} actions`,
    )
  }
  if (agent instanceof StateValueAgent) {
    const { network, units } = agent // which may not have known how many actions there are
    const planner = new Lookahead(new StateValueAgent(network, observationSize, actionCount, units), make(env.id))
    return (each) => planner.plan(each)
  }
  return (_, observation) => agent.act(observation as Float32Array)
}

function requireVectorEnv(path: string, env: AnyEnv): { observationSize: number; actionCount: number } {
  const { observationSpace, actionSpace } = env
  if (observationSpace.kind !== 'box' || actionSpace.kind !== 'discrete') {
    throw new UsageError(
      `--policy ${path}: it plays vectors and choices; ${env.id} has ${observationSpace} and ${actionSpace}`,
    )
  }
  return { observationSize: (observationSpace as Box).low.length, actionCount: (actionSpace as Discrete).n }
}
