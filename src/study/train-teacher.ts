// One candidate for a teacher: trained, judged now and then, and taken at its best. Whether it may teach is decided on other
// episodes than those it was chosen on. Read next: cell.ts, where it teaches.

import { loadParameters, saveParameters } from '../nn/checkpoint.ts'
import { countParameters, type HasParameters } from '../nn/module.ts'
import { algorithm } from '../rl/algorithms/registry.ts'
import { type Evaluation, evaluatePolicy } from '../rl/evaluate.ts'
import type { DiscretePolicy } from '../rl/policy.ts'
import { make } from '../rl/registry.ts'
import { makeVector } from '../rl/vector/make-vector.ts'
import { ValueError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import { EVALUATION_EPISODES, type StudyTask, startSeeds } from './tasks.ts'
import type { TeacherRecipe } from './teacher-recipes.ts'

/** A network that can say what it knows about states. */
export type TeacherAgent = DiscretePolicy & HasParameters

export interface CandidateReport {
  /** Environment steps so far. */
  readonly step: number
  /** The best mean validation return so far; -Infinity before the first. */
  readonly best: number
}

export interface Candidate {
  readonly agent: TeacherAgent
  readonly parameters: number
  /** Environment steps after which the parameters were taken, and of the whole training. */
  readonly steps: number
  readonly trainedSteps: number
  /** Mean return of the episodes it was chosen on, with random actions among them if the recipe says so. */
  readonly validation: number
  /** Mean return of the episodes that decide whether it may teach. */
  readonly judged: number
  readonly passed: boolean
  /** On the episodes of all comparisons. */
  readonly evaluation: Evaluation
}

/** Trains with one seed. The same task, recipe and seed give the same candidate, bit for bit. */
export function* trainCandidate(
  task: StudyTask,
  recipe: TeacherRecipe,
  seed: number,
): Generator<CandidateReport, Candidate, void> {
  const learner = algorithm(recipe.algorithm)
  const options = { ...recipe.options, seed }
  const interval = Math.max(1, Math.floor(recipe.options.totalTimesteps / recipe.checks))
  let next = interval
  let trainedSteps = 0
  let best = { validation: Number.NEGATIVE_INFINITY, steps: 0, file: new Uint8Array() as Uint8Array }
  for (const { step, agent } of learner.train(makeVector(task.env, recipe.numEnvs), options)) {
    trainedSteps = step
    if (step >= next) {
      next = step + interval
      const { mean } = validate(requireTeacher(recipe, agent), task, recipe.validationNoise ?? 0)
      if (mean > best.validation) best = { validation: mean, steps: step, file: saveParameters(agent) }
      if (mean >= recipe.enough) break
    }
    yield { step, best: best.validation }
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

/** As the recipe makes it, before it has learnt anything: to load parameters into. */
export function newTeacher(
  task: StudyTask,
  { algorithm: name, options }: Pick<TeacherRecipe, 'algorithm' | 'options'>,
) {
  return requireTeacher({ algorithm: name }, algorithm(name).newAgent(makeVector(task.env, 1), options))
}

function validate(agent: TeacherAgent, task: StudyTask, noise: number): Evaluation {
  if (noise === 0) return judge(agent, task, startSeeds.validation)
  const rng = new Rng(startSeeds.validation)
  const act = (observation: Float32Array) =>
    rng.uniform() < noise ? rng.integer(agent.actionCount) : agent.act(observation)
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
