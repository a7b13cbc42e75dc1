// VIPER: a decision tree in place of a network. In rounds: the first states are the teacher's, later ones those that the tree of
// the labels so far gets into; each tree is judged by play and the best is kept. Bastani, Pu and Solar-Lezama 2018,
// arXiv:1805.08328, algorithm 1. Read next: rounds.ts for the rounds, decision-tree.ts for the trees.

import type { Env } from '../rl/env.ts'
import { type Evaluation, evaluatePolicy } from '../rl/evaluate.ts'
import type { DiscretePolicy } from '../rl/policy.ts'
import { collect } from './collect.ts'
import { growTree, requireTreeOptions, type TreeOptions } from './decision-tree.ts'
import type { LabelledSet } from './labelled-set.ts'
import { Teacher } from './teacher.ts'
import type { DecisionTree } from './tree-agent.ts'

export interface ViperOptions extends TreeOptions {
  readonly teacher: DiscretePolicy
  /** A fresh environment: one is played for states, others to judge the trees. */
  readonly makeEnv: () => Env
  /** States to label in all. Default 2000. */
  readonly labels?: number
  /** Rounds, an equal share of the labels in each. Default 5. */
  readonly rounds?: number
  readonly seed?: number
  /** Episodes that each round's tree is judged by. Default 20. */
  readonly judgingEpisodes?: number
}

export interface ViperResult {
  /** The best of the rounds' trees; the last of equals, which has seen most. */
  readonly tree: DecisionTree
  /** All labels. */
  readonly set: LabelledSet
  /** How each round's tree was judged. */
  readonly judged: readonly Evaluation[]
}

/** Throws a ValueError on options out of range and a ShapeError on a teacher of another task, before any play. */
export function viper(options: ViperOptions): ViperResult {
  const { teacher, makeEnv, labels = 2000, rounds = 5, seed = 0, judgingEpisodes: episodes = 20 } = options
  requireTreeOptions(options)
  const trees: DecisionTree[] = []
  const grow = (set: LabelledSet) => {
    const tree = growTree(set, options)
    trees.push(tree)
    return tree
  }
  const env = makeEnv()
  const counting = new Teacher(teacher, env.id, labels)
  const set = collect(counting, env, {
    mode: rounds === 1 ? 'teacherIid' : 'student',
    labels,
    rounds,
    seed,
    learn: grow,
  })
  grow(set)
  const judged = trees.map((tree) => evaluatePolicy(tree, makeEnv, { episodes, seed: seed + JUDGING_SEEDS }))
  const best = judged.reduce((top, { mean }, i) => (mean >= judged[top]!.mean ? i : top), 0)
  return { tree: trees[best]!, set, judged }
}

// Far from the seeds that states are gathered with and from those of the final evaluation.
const JUDGING_SEEDS = 3_000_000
