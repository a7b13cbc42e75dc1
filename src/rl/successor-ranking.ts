// Does a value function rank successors as its teacher does? A look-ahead acts on the differences between the values of a state's
// successors, which are far smaller than those between the states of a dataset: a regression can fit the labels well and still
// order successors badly.

import { count, fraction, type GivenOptions, readOptions, whole } from '../data/options.ts'
import { ValueError } from '../tensor/errors.ts'
import { amax } from '../tensor/ops/reduce.ts'
import type { Env } from './envs/env.ts'
import { restoreEnv, saveEnv } from './envs/wrappers/wrapper.ts'
import { Lookahead, type StateValued } from './policies/lookahead.ts'
import type { PolicyOutputs } from './policies/policy.ts'

export interface SuccessorRanking {
  /** Fraction of states in which the student's best action is a best one of the teacher's. */
  readonly agreement: number
  /** Mean of (best score - score of the student's action) / (best - worst score), scores of the teacher; 0 is perfect. */
  readonly regret: number
  readonly states: number
  /** Successors that the teacher valued. */
  readonly evaluations: number
  /** Environment steps, those of the look-ahead included. */
  readonly environmentSteps: number
}

const rankingOptions = {
  states: count(100, 'states in which the successors are compared'),
  gamma: fraction(0.99, 'discount of the look-ahead'),
  seed: whole(0, 'of the start states'),
}

/** An agreement below this is worth a warning. */
export const GOOD_AGREEMENT = 0.9

/**
 * Lets the student play by a look-ahead of one step, r + γ V(s'), and compares its scores with the teacher's in each state met.
 * `env` is reset; discrete actions only. A teacher of action values is asked for V = max Q.
 */
export function successorRanking(
  env: Env,
  teacher: PolicyOutputs,
  student: StateValued,
  options: GivenOptions<typeof rankingOptions> = {},
): SuccessorRanking {
  const { states, gamma, seed } = readOptions('successorRanking', rankingOptions, options)
  const { observationSize, numActions } = student
  if (teacher.stateValues === undefined && teacher.actionValues === undefined) {
    throw new ValueError('successorRanking: the teacher has no values; expected stateValues or actionValues')
  }
  const stateValues: StateValued['stateValues'] = (x) => teacher.stateValues?.(x) ?? amax(teacher.actionValues!(x), 1)
  const critic: StateValued = { observationSize, numActions, stateValues }
  const [expert, learner] = [new Lookahead(critic, env, { gamma }), new Lookahead(student, env, { gamma })]
  let [agreed, regret] = [0, 0]
  env.reset({ seed })
  for (let i = 0; i < states; i++) {
    const before = saveEnv(env)
    const scores = expert.scores(env)
    restoreEnv(env, before)
    const action = learner.plan(env)
    restoreEnv(env, before)
    const [best, worst] = [Math.max(...scores), Math.min(...scores)]
    if (scores[action] === best) agreed++
    regret += best > worst ? (best - scores[action]!) / (best - worst) : 0
    const { terminated, truncated } = env.step(action)
    if (terminated || truncated) env.reset()
  }
  return {
    agreement: agreed / states,
    regret: regret / states,
    states,
    evaluations: states * numActions,
    environmentSteps: states * (2 * numActions + 1),
  }
}
