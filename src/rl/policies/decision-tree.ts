// A decision tree as a policy with logits, printed as rules and stored as JSON.
// Read next: ../../distill/trees.ts, which grows one.

import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { CheckpointError, excerpt, ShapeError, ValueError } from '../../tensor/errors.ts'
import { isCount, isRecord, parseJson } from '../../tensor/json.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { log } from '../../tensor/portable-math.ts'
import { DiscreteAgent } from './discrete-policies.ts'
import { requireFinite } from './policy.ts'

export interface TreeLeaf {
  readonly action: number
  /** Weight of each action among the states of this leaf: [actions]. */
  readonly weights: readonly number[]
  /** Number of states of this leaf. */
  readonly samples: number
}

/** Left where entry `feature` of the observation is at most `threshold`, else right. */
export interface TreeSplit {
  readonly feature: number
  readonly threshold: number
  readonly left: TreeNode
  readonly right: TreeNode
}

export type TreeNode = TreeLeaf | TreeSplit

/** Names of the entries of an observation and of the actions. */
export interface TreeNames {
  readonly observations?: readonly string[]
  readonly actions?: readonly string[]
}

const MIN_PROBABILITY = 1e-3 // keeps logits finite

export class DecisionTree extends DiscreteAgent {
  /** Throws a ValueError on a tree with more than 1,000 questions from the root to a leaf. */
  constructor(
    readonly root: TreeNode,
    observationSize: number,
    numActions: number,
  ) {
    super(observationSize, numActions)
    requireDepth(root)
  }

  get leaves(): number {
    return leavesOf(this.root)
  }

  /** Splits from the root to the deepest leaf. */
  get depth(): number {
    return depthOf(this.root)
  }

  override act(observation: Float32Array): number {
    requireFinite(observation, this.observationSize)
    return leafOf(this.root, observation, 0).action
  }

  override actBatch(observations: Float32Array): Int32Array {
    const { root, observationSize } = this
    const count = observations.length / observationSize
    return Int32Array.from({ length: count }, (_, i) => leafOf(root, observations, i * observationSize).action)
  }

  /** ln of the fraction of each action's weight at the leaf, at least ln 0.001: [batch, actions]. */
  override logits(observations: Tensor): Tensor {
    const [batch, width] = observations.shape as [number, number]
    if (width !== this.observationSize) {
      throw new ShapeError(`DecisionTree: the observations have ${width} numbers; expected ${this.observationSize}`)
    }
    const numbers = observations.view()
    const out = new Float32Array(batch * this.numActions)
    for (let i = 0; i < batch; i++) out.set(logitsOf(leafOf(this.root, numbers, i * width)), i * this.numActions)
    return tensor(out, [batch, this.numActions])
  }

  /**
   * The tree as rules, without a final newline:
   *
   *     if pole angle <= 0.017: push left
   *     else: push right
   */
  toText(names: TreeNames = {}): string {
    return linesOf(this.root, names, '').join('\n')
  }

  toJson(): string {
    const { observationSize, numActions, root } = this
    return JSON.stringify({ decisionTree: 1, observationSize, numActions, root }, null, 2)
  }

  /** Throws a CheckpointError unless the text is from `toJson`. */
  static fromJson(text: string): DecisionTree {
    const read = parseJson('the decision tree', text)
    const { decisionTree, observationSize, numActions, root } = isRecord(read) ? read : {}
    if (decisionTree !== 1 || !isCount(observationSize, 1) || !isCount(numActions, 1) || observationSize > MAX_WIDTH) {
      throw new CheckpointError('not a decision tree; expected decisionTree 1, observationSize, numActions and root')
    }
    requireNode(root, observationSize, numActions)
    return new DecisionTree(root, observationSize, numActions)
  }
}

function leafOf(root: TreeNode, numbers: ArrayLike<number>, at: number): TreeLeaf {
  let node = root
  while (!('action' in node)) node = numbers[at + node.feature]! <= node.threshold ? node.left : node.right
  return node
}

function logitsOf({ action, weights }: TreeLeaf): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const fractions = weights.map((weight, a) => (total > 0 ? weight / total : a === action ? 1 : 0))
  return fractions.map((fraction) => log(Math.max(fraction, MIN_PROBABILITY)))
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

/** Bounds the recursion over a tree. */
export const MAX_DEPTH = 1000
const MAX_WIDTH = 1_000_000 // numbers of an observation

function requireDepth(root: TreeNode): void {
  for (let depth = 0, level: TreeNode[] = [root]; level.length > 0; depth++) {
    if (depth > MAX_DEPTH)
      throw new ValueError(`DecisionTree: it is deeper than ${MAX_DEPTH}; expected fewer questions`)
    level = level.flatMap((node) => ('action' in node ? [] : [node.left, node.right]))
  }
}

function requireNode(node: unknown, width: number, numActions: number, depth = 0): asserts node is TreeNode {
  if (depth > MAX_DEPTH) throw new CheckpointError(`the decision tree is deeper than ${MAX_DEPTH}`)
  const { action, weights, samples, feature, threshold, left, right } = isRecord(node) ? node : {}
  const isIndex = (value: unknown, end: number) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < end
  if (action !== undefined) {
    const isLeaf =
      Array.isArray(weights) &&
      weights.length === numActions &&
      weights.every((weight) => Number.isFinite(weight) && weight >= 0)
    if (isIndex(action, numActions) && isLeaf && isCount(samples, 1)) return
    throw new CheckpointError(`a leaf of the decision tree is ${excerpt(node)}; expected action, weights, samples`)
  }
  if (!isIndex(feature, width) || !Number.isFinite(threshold)) {
    throw new CheckpointError(
      `the decision tree splits on number ${excerpt(feature)} of ${width} at ${excerpt(threshold)}; expected 0 to ${width - 1}`,
    )
  }
  requireNode(left, width, numActions, depth + 1)
  requireNode(right, width, numActions, depth + 1)
}
