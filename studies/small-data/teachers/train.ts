// One candidate for a teacher: trained, validated at intervals, and restored at its best checkpoint. Whether it passes is
// decided on other episodes than the validation. Read next: ../cell.ts, where it teaches.

import { countParameters, type HasParameters, loadParameters, saveParameters } from 'alambic/nn'
import { algorithm, type DiscretePolicy, type Evaluation, evaluatePolicy, make, makeVec } from 'alambic/rl'
import { Rng, ValueError } from 'alambic/tensor'
import { EVALUATION_EPISODES, type StudyTask, startSeeds } from '../tasks.ts'
import type { TeacherRecipe } from './recipes.ts'

/** A trained network with logits or action values. */
export type TeacherAgent = DiscretePolicy & HasParameters

export interface Candidate {
  readonly agent: TeacherAgent
  readonly parameters: number
  /** Environment steps up to the best checkpoint, and of the whole training. */
  readonly steps: number
  readonly trainedSteps: number
  /** Mean validation return at the best checkpoint, with the recipe's fraction of random actions. */
  readonly validation: number
  /** Mean return of the episodes that decide whether it passes. */
  readonly judged: number
  readonly passed: boolean
  /** From the start states of all comparisons. */
  readonly evaluation: Evaluation
}

/**
 * Trains one candidate. The same task, recipe and seed give the same bits. `onReport` is called with the environment steps so
 * far and the best mean validation return, which is -Infinity before the first validation.
 */
export function trainCandidate(
  task: StudyTask,
  recipe: TeacherRecipe,
  seed: number,
  onReport: (step: number, best: number) => void,
): Candidate {
  const learner = algorithm(recipe.algorithm)
  const options = { ...recipe.options, seed }
  const interval = Math.max(1, Math.floor(recipe.options.totalTimesteps / recipe.checks))
  let next = interval
  let trainedSteps = 0
  let best = { validation: Number.NEGATIVE_INFINITY, steps: 0, file: new Uint8Array() as Uint8Array }
  for (const { step, agent } of learner.train(makeVec(task.env, recipe.numEnvs), options)) {
    trainedSteps = step
    if (step >= next) {
      next = step + interval
      const { mean } = validate(requireTeacher(recipe, agent), task, recipe.validationNoise ?? 0)
      if (mean > best.validation) best = { validation: mean, steps: step, file: saveParameters(agent) }
      if (mean >= recipe.enough) break
    }
    onReport(step, best.validation)
  }
  if (best.steps === 0) {
    throw new ValueError(
      `the recipe for ${task.name} learns nothing: no update in ${recipe.options.totalTimesteps} steps; give it more steps`,
    )
  }
  const agent = newTeacher(task, recipe)
  loadParameters(agent, best.file)
  const judged = judge(agent, task, startSeeds.judgement).mean
  return {
    agent,
    parameters: countParameters(agent),
    steps: best.steps,
    trainedSteps,
    validation: best.validation,
    judged,
    passed: judged >= task.threshold,
    evaluation: judge(agent, task, startSeeds.evaluation),
  }
}

/** An untrained network of the recipe's architecture, to load parameters into. */
export function newTeacher(
  task: StudyTask,
  { algorithm: name, options }: Pick<TeacherRecipe, 'algorithm' | 'options'>,
) {
  return requireTeacher({ algorithm: name }, algorithm(name).newAgent(makeVec(task.env, 1), options))
}

function validate(agent: TeacherAgent, task: StudyTask, noise: number): Evaluation {
  if (noise === 0) return judge(agent, task, startSeeds.validation)
  const rng = new Rng(startSeeds.validation)
  const act = (observation: Float32Array) =>
    rng.uniform() < noise ? rng.integer(agent.numActions) : agent.act(observation)
  return evaluatePolicy({ act }, () => make<Float32Array, number>(task.env), {
    episodes: EVALUATION_EPISODES,
    seed: startSeeds.validation,
  })
}

function judge(agent: TeacherAgent, task: StudyTask, seed: number): Evaluation {
  return evaluatePolicy(agent, () => make(task.env), { episodes: EVALUATION_EPISODES, seed })
}

function requireTeacher(recipe: Pick<TeacherRecipe, 'algorithm'>, agent: HasParameters): TeacherAgent {
  if ('observationSize' in agent && ('actionValues' in agent || 'logits' in agent)) return agent as TeacherAgent
  throw new ValueError(`${recipe.algorithm} cannot teach: its agents have neither logits nor action values`)
}
