// A decision tree as an agent: it acts, has logits like any network, can be printed as rules, and kept as JSON.
// Read next: decision-tree.ts for how one is grown.

import { DiscreteAgent } from '../rl/discrete-policies.ts'
import { requireFinite } from '../rl/policy.ts'
import { CheckpointError, ShapeError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import { log } from '../tensor/portable-math.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface TreeLeaf {
  readonly action: number
  /** How much each action weighed among the labelled states here: [actions]. */
  readonly weights: readonly number[]
  /** Labelled states here. */
  readonly states: number
}

/** Left where number `feature` of the observation is at most `threshold`, else right. */
export interface TreeSplit {
  readonly feature: number
  readonly threshold: number
  readonly left: TreeNode
  readonly right: TreeNode
}

export type TreeNode = TreeLeaf | TreeSplit

/** What to call the numbers of an observation and the actions in rules. */
export interface TreeNames {
  readonly observations?: readonly string[]
  readonly actions?: readonly string[]
}

const LEAST_SHARE = 1e-3 // of an action that no labelled state called for: its logit is finite

export class DecisionTree extends DiscreteAgent {
  constructor(
    readonly root: TreeNode,
    observationSize: number,
    actionCount: number,
  ) {
    super(observationSize, actionCount)
  }

  get leaves(): number {
    return leavesOf(this.root)
  }

  /** Questions from the root to the deepest leaf. */
  get depth(): number {
    return depthOf(this.root)
  }

  /** The action of the leaf; nothing is drawn. */
  override act(observation: Float32Array): number {
    requireFinite(observation)
    if (observation.length !== this.observationSize) {
      throw new ShapeError(
        `DecisionTree: an observation of ${observation.length} numbers; the tree asks about ${this.observationSize}`,
      )
    }
    return leafOf(this.root, observation, 0).action
  }

  /** ln of the weight shares at the leaf, floored at 0.001; the chosen action's is the largest. [batch, actions] */
  override logits(observations: Tensor): Tensor {
    const [batch, width] = observations.shape as [number, number]
    if (width !== this.observationSize) {
      throw new ShapeError(
        `DecisionTree: observations of ${width} numbers; the tree asks about ${this.observationSize}`,
      )
    }
    const numbers = observations.view()
    const out = new Float32Array(batch * this.actionCount)
    for (let i = 0; i < batch; i++) out.set(logitsOf(leafOf(this.root, numbers, i * width)), i * this.actionCount)
    return tensor(out, [batch, this.actionCount])
  }

  /**
   * The tree as rules, a line each, without a closing newline:
   *
   *     if pole angular velocity <= 0.026:
   *       if pole angle <= 0.017: push left
   *       else: push right
   *     else: push right
   */
  describe(names: TreeNames = {}): string {
    return linesOf(this.root, names, '').join('\n')
  }

  /** As JSON text that `DecisionTree.fromJson` reads. */
  toJson(): string {
    const { observationSize, actionCount, root } = this
    return JSON.stringify({ decisionTree: 1, observationSize, actionCount, root }, null, 2)
  }

  /** Throws a CheckpointError on any other text. */
  static fromJson(text: string): DecisionTree {
    let read: unknown
    try {
      read = JSON.parse(text)
    } catch (error) {
      throw new CheckpointError(`the decision tree is no JSON: ${(error as Error).message}`)
    }
    const { decisionTree, observationSize, actionCount, root } = (read ?? {}) as Partial<Record<string, unknown>>
    if (decisionTree !== 1 || !isCount(observationSize) || !isCount(actionCount)) {
      throw new CheckpointError(
        'the text is no decision tree: it lacks "decisionTree", "observationSize" or "actionCount"',
      )
    }
    requireNode(root, observationSize, actionCount)
    return new DecisionTree(root, observationSize, actionCount)
  }
}

function leafOf(root: TreeNode, numbers: ArrayLike<number>, at: number): TreeLeaf {
  let node = root
  while (!('action' in node)) node = numbers[at + node.feature]! <= node.threshold ? node.left : node.right
  return node
}

function logitsOf({ action, weights }: TreeLeaf): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const shares = weights.map((weight, a) => (total > 0 ? weight / total : a === action ? 1 : 0))
  return shares.map((share) => log(Math.max(share, LEAST_SHARE)))
}

function leavesOf(node: TreeNode): number {
  return 'action' in node ? 1 : leavesOf(node.left) + leavesOf(node.right)
}

function depthOf(node: TreeNode): number {
  return 'action' in node ? 0 : 1 + Math.max(depthOf(node.left), depthOf(node.right))
}

function linesOf(node: TreeNode, names: TreeNames, indent: string): string[] {
  if ('action' in node) return [`${indent}${actionName(node.action, names)}`]
  const what = names.observations?.[node.feature] ?? `x${node.feature}`
  const branch = (question: string, child: TreeNode) =>
    'action' in child
      ? [`${indent}${question}: ${actionName(child.action, names)}`]
      : [`${indent}${question}:`, ...linesOf(child, names, `${indent}  `)]
  return [...branch(`if ${what} <= ${node.threshold}`, node.left), ...branch('else', node.right)]
}

function actionName(action: number, { actions }: TreeNames): string {
  return actions?.[action] ?? `action ${action}`
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1
}

function requireNode(node: unknown, width: number, actionCount: number): asserts node is TreeNode {
  const { action, weights, states, feature, threshold, left, right } = (node ?? {}) as Partial<Record<string, unknown>>
  const isPlace = (value: unknown, count: number) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < count
  if (action !== undefined) {
    const isLeaf = Array.isArray(weights) && weights.length === actionCount && weights.every(Number.isFinite)
    if (isPlace(action, actionCount) && isLeaf && isCount(states)) return
    throw new CheckpointError(`the decision tree has a leaf that is none: ${JSON.stringify(node)}`)
  }
  if (!isPlace(feature, width) || !Number.isFinite(threshold)) {
    throw new CheckpointError(
      `the decision tree asks about number ${String(feature)} of ${width}, threshold ${String(threshold)}`,
    )
  }
  requireNode(left, width, actionCount)
  requireNode(right, width, actionCount)
}
