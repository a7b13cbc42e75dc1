// VIPER: a decision tree in place of a network. The first round labels states of the teacher's play, later ones those that the tree of
// all labels so far gets into; every round's tree is evaluated by play and the best is kept. Bastani, Pu and Solar-Lezama 2018,
// arXiv:1805.08328, algorithm 1. Read next: collector.ts for the rounds, fit-tree.ts for the trees.

import type { DecisionTree } from '../rl/decision-tree.ts'
import type { Env } from '../rl/env.ts'
import { type Evaluation, evaluatePolicy } from '../rl/evaluate.ts'
import { count, defaultsOf, type GivenOptions, readOptions, whole } from '../rl/options.ts'
import { packedSize } from '../rl/packing.ts'
import { Discrete } from '../rl/spaces.ts'
import { ShapeError } from '../tensor/errors.ts'
import { Collector } from './collector.ts'
import { collectorOptions } from './collector-options.ts'
import { type Cost, copyCost } from './cost.ts'
import { LabelledDataset } from './dataset.ts'
import { fitTree, treeOptions } from './fit-tree.ts'
import type { Selection } from './selection.ts'
import { type Teacher, type TeacherSource, teacherOf } from './teacher.ts'
import { playerOf } from './teaching-agent.ts'

const { exploration, epsilon, maxEpsilon, studentEpsilon, selection, candidates, rolloutSteps, gamma } =
  collectorOptions

export const viperOptions = {
  ...treeOptions,
  labels: count(2000, 'states that the teacher labels, in all rounds together'),
  rounds: count(5, 'rounds, with an equal number of labels each'),
  seed: whole(0, 'of all random numbers: the same seed gives the same tree'),
  evaluationEpisodes: count(20, 'episodes that evaluate the tree of each round'),
  exploration,
  epsilon,
  maxEpsilon,
  studentEpsilon,
  selection: { ...selection, value: 'random' as Selection },
  candidates,
  rolloutSteps: { ...rolloutSteps, value: 10_000 },
  gamma,
}

export type ViperOptions = GivenOptions<typeof viperOptions>

export interface ViperResult {
  /** The best of the rounds' trees; of equals the last, which has learned from most labels. */
  readonly tree: DecisionTree
  readonly dataset: LabelledDataset
  /** What was spent on the labels and on the choice among the trees. */
  readonly cost: Cost
  /** Evaluation of each round's tree. */
  readonly evaluations: readonly Evaluation[]
}

export interface ViperReport {
  /** `label`: a tree has been grown from all labels so far. `evaluate`: the tree of a round has been evaluated. */
  readonly phase: 'label' | 'evaluate'
  /** From 0. */
  readonly round: number
  readonly rounds: number
  /** The labels so far. */
  readonly dataset: LabelledDataset
}

/**
 * Yields after each round's tree and after each evaluation; returns the best tree. `finish(viper(makeEnv, teacher))` runs it to the end.
 *
 * @param makeEnv makes a fresh environment: one is played for states, others evaluate the trees
 *
 * Throws a ValueError on options out of range and a ShapeError on a teacher of another task, before any play.
 */
export function viper(
  makeEnv: () => Env,
  source: TeacherSource | Teacher,
  options: ViperOptions = {},
): Generator<ViperReport, ViperResult, void> {
  const o = readOptions('viper', viperOptions, options)
  const env = makeEnv()
  const { actionSpace } = env
  if (!(actionSpace instanceof Discrete)) throw new ShapeError(`viper: ${env.id} has ${actionSpace}; expected Discrete`)
  const teacher = teacherOf(source, env, o.labels)
  const { maxDepth, maxLeafNodes, minSamplesLeaf, treeWeights } = o
  const settings = {
    ...{ ...defaultsOf(collectorOptions), ...o },
    ...{ roundSteps: o.rolloutSteps, committee: 0, roundStudents: 1 },
  }
  const dataset = new LabelledDataset({ envId: env.id, observationSize: packedSize(env.observationSpace), actionSpace })
  dataset.provenance = { selection: o.selection, rounds: o.rounds, seed: o.seed, teacher: teacher.name }
  const collector = new Collector(teacher, env, settings, teacher.player())
  return run()

  function* run(): Generator<ViperReport, ViperResult, void> {
    const { rounds, evaluationEpisodes: episodes, seed } = o
    const trees: DecisionTree[] = []
    for (let round = 0; round < rounds; round++) {
      collector.collect(round, [round === 0 ? teacher.player() : playerOf(trees.at(-1)!)], dataset, [])
      dataset.label(teacher)
      trees.push(fitTree(dataset, { maxDepth, maxLeafNodes, minSamplesLeaf, treeWeights }))
      yield { phase: 'label', round, rounds, dataset }
    }
    const evaluations: Evaluation[] = []
    for (const [round, tree] of trees.entries()) {
      evaluations.push(evaluatePolicy(tree, makeEnv, { episodes, seed: seed + EVALUATION_SEEDS }))
      yield { phase: 'evaluate', round, rounds, dataset }
    }
    const best = evaluations.reduce((top, { mean }, i) => (mean >= evaluations[top]!.mean ? i : top), 0)
    const cost = copyCost(dataset.cost)
    cost.environmentSteps.choice = evaluations.reduce((sum, { steps }) => sum + steps, 0)
    return { tree: trees[best]!, dataset, cost, evaluations }
  }
}

/** Far from the seeds of the collection and from those of a final evaluation. */
const EVALUATION_SEEDS = 3_000_000
