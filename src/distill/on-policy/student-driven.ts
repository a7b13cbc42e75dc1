// Plain student-driven distillation: the student plays, and in the states it gets into it moves towards the teacher by the
// forward divergence KL(π_T ‖ π_S) (Rusu et al. 2016, arXiv:1511.06295, with the student at play; "on-policy distillation" in
// later work). No reward is looked at. In general this is not the gradient of any function, since the states change with the
// student and nobody answers for that (Czarnecki et al. 2019, arXiv:1902.02186, section 4); in tables it converges, and in
// practice it works well. Read next: return-corrected.ts, where the states are answered for.

import { Adam } from '../../nn/optimizers/adam.ts'
import type { ActorCritic } from '../../rl/actor-critic.ts'
import { meansOf } from '../../rl/algorithms/figures.ts'
import { makeActorCritic } from '../../rl/algorithms/make-actor-critic.ts'
import { collectRollout, rolloutFor, tensorsOf } from '../../rl/collect-rollout.ts'
import { count, type GivenOptions, limit, positive, readOptions, sizes, whole } from '../../rl/options.ts'
import { type SavedTraining, Training } from '../../rl/saved-training.ts'
import type { ResumableReport } from '../../rl/training.ts'
import { asVector, type Envs } from '../../rl/vector/as-vector.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import { type OnPolicyTeacher, requireSameTask, teacherPolicy } from './teacher-policy.ts'

export const studentDrivenOptions = {
  totalTimesteps: count(50_000, 'environment steps in all; the teacher is asked about each'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers of the student'),
  learningRate: positive(1e-3, 'step size of Adam'),
  numSteps: count(128, 'steps of each environment between updates'),
  epochs: count(4, 'passes over each rollout'),
  minibatches: count(4, 'parts that a pass is cut into, an update each'),
  tau: positive(1, 'softens the teacher, in the units of its logits or action values'),
  maxGradNorm: limit(0.5, 'longest gradient; longer ones are scaled down'),
}

export type StudentDrivenOptions = GivenOptions<typeof studentDrivenOptions>

export interface StudentDrivenReport extends ResumableReport<ActorCritic> {
  /** KL(π_T ‖ π_S) in nats, mean over the minibatches of one rollout. */
  readonly divergence: number
}

/** Plays in the given environments; yields after each rollout's updates, returns the student. Its critic stays untrained. */
export function* studentDriven(
  given: Envs,
  teacher: OnPolicyTeacher,
  options: StudentDrivenOptions = {},
  resume?: SavedTraining,
): Generator<StudentDrivenReport, ActorCritic, void> {
  const o = readOptions('studentDriven', studentDrivenOptions, options)
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const agent = makeActorCritic('studentDriven', envs, o.hidden, rng)
  requireSameTask('studentDriven', teacher, agent)
  const optimizer = new Adam({ parameters: () => agent.policyParameters() }, { learningRate: o.learningRate })
  const counters = { step: 0 }
  const training = new Training('studentDriven', o, { agent, optimizer, envs, rng, counters })
  if (resume === undefined) envs.reset({ seed: o.seed })
  else training.restore(resume)
  const rollout = rolloutFor(envs, o.numSteps, agent)
  const batchSize = Math.ceil(rollout.size / o.minibatches)

  while (counters.step < o.totalTimesteps) {
    // 1. the student plays
    const episodes = collectRollout(envs, agent, rollout, rng, counters.step)
    counters.step += rollout.size
    // 2. towards the teacher in the states it got into
    const figures: { divergence: number }[] = []
    for (let epoch = 0; epoch < o.epochs; epoch++) {
      for (const batch of rollout.minibatches(batchSize, rng)) {
        const divergence = optimizer.minimize(() => {
          const { observations, masks } = tensorsOf(batch)
          return mean(teacherPolicy(teacher, o.tau, observations, masks).kl(agent.distribution(observations, masks)))
        }, o)
        figures.push({ divergence })
      }
    }
    yield { step: counters.step, episodes, agent, ...meansOf(figures), save: training.save }
  }
  return agent
}
