// Agents that compute nothing: a decision tree as nested if statements, a table as a list of actions; in JavaScript, and for c.ts.
// Read next: ../rl/policies/decision-tree.ts, ../tabular/q-table.ts.

import type { DecisionTree, TreeNode, TreeSplit } from '../rl/policies/decision-tree.ts'
import { QTable } from '../tabular/q-table.ts'
import { type JavaScriptModule, readCode } from './javascript.ts'

/** The module, which exports `act`; that of a table takes the number of a state. `title` is its first comment, one line. */
export function treeToJavaScript(agent: DecisionTree | QTable, title = 'An agent'): JavaScriptModule {
  const [given, takes, body] =
    agent instanceof QTable
      ? ['state: number', `the number of a state, from 0 to ${agent.numStates - 1}`, tableBody(agent)]
      : ['observation: ArrayLike<number>', `${agent.observationSize} finite numbers`, treeBody(agent)]
  const code = `// ${title.replace(/\s+/g, ' ')}: ${describeStatements(agent)}, written by alambic.
${body}
}
`
  const types = `/** The action, from 0 to ${agent.numActions - 1}. Takes ${takes}, throws a RangeError on others. */
export declare function act(${given}): number
`
  return { code, types, exact: true, compared: 0 }
}

/** The size, as in `4 leaves` or `500 states`. */
export function describeStatements(agent: DecisionTree | QTable): string {
  if (agent instanceof QTable) return `${agent.numStates} states`
  return `${agent.leaves} ${agent.leaves === 1 ? 'leaf' : 'leaves'}`
}

/** The greedy action of each state. */
export function actionsOfTable(table: QTable): number[] {
  return Array.from({ length: table.numStates }, (_, state) => table.act(state))
}

function tableBody(table: QTable): string {
  return `
const actions = [${actionsOfTable(table).join(',')}]

/** The action in a state, given by its number. */
export function act(state) {
  const action = actions[state]
  if (action === undefined) throw new RangeError('expected the number of a state, from 0 to ${table.numStates - 1}')
  return action`
}

function treeBody({ observationSize: size, root }: DecisionTree): string {
  return `
const x = new Float32Array(${size})

/** The action for one observation. */
export function act(observation) {
${readCode('x', size)}
${statements(root, (split) => `x[${split.feature}] <= ${split.threshold}`, '')}`
}

/** Nested if statements, with `end` after each return. */
export function statements(
  node: TreeNode,
  question: (split: TreeSplit) => string,
  end: '' | ';',
  indent = '  ',
): string {
  if ('action' in node) return `${indent}return ${node.action}${end}`
  const { left, right } = node
  const yes =
    'action' in left
      ? `return ${left.action}${end}`
      : `{\n${statements(left, question, end, `${indent}  `)}\n${indent}}`
  return `${indent}if (${question(node)}) ${yes}\n${statements(right, question, end, indent)}`
}
