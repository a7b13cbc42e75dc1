// A decision tree as a JavaScript module of nested if statements. Read next: ../rl/decision-tree.ts.

import type { DecisionTree, TreeNode } from '../rl/decision-tree.ts'
import type { JavaScriptModule } from './javascript.ts'

/** The module, which exports `act`. `title` is its first comment, one line. */
export function treeToJavaScript(tree: DecisionTree, title = 'A decision tree'): JavaScriptModule {
  const { root, observationSize: size, leaves } = tree
  const code = `// ${title.replace(/\s+/g, ' ')}: ${leaves} ${leaves === 1 ? 'leaf' : 'leaves'}, written by alambic.

/** The action for one observation. */
export function act(observation) {
  const x = Float32Array.from(observation)
  if (x.length !== ${size} || !x.every(Number.isFinite)) throw new RangeError('expected ${size} finite numbers')
${statements(root, '  ')}
}
`
  const types = `/** The action for one observation, from 0 to ${tree.numActions - 1}. Takes ${size} finite numbers, throws a RangeError on others. */
export declare function act(observation: ArrayLike<number>): number
`
  return { code, types, exact: true, compared: 0 }
}

function statements(node: TreeNode, indent: string): string {
  if ('action' in node) return `${indent}return ${node.action}`
  const question = `${indent}if (x[${node.feature}] <= ${node.threshold})`
  const yes =
    'action' in node.left
      ? `${question} return ${node.left.action}`
      : `${question} {\n${statements(node.left, `${indent}  `)}\n${indent}}`
  return `${yes}\n${statements(node.right, indent)}`
}
