// The textbook's methods for tasks with countable states and actions. Read in the textbook's order: planning with a model
// (policy-evaluation.ts …), Monte Carlo, temporal differences, n steps and traces, planning from memories (dyna-q.ts).

export { TableAgent, tabularAlgorithms } from './algorithms.ts'
export * from './double-q-learning.ts'
export * from './dyna-q.ts'
export * from './enumerated-states.ts'
export * from './expected-sarsa.ts'
export * from './monte-carlo-control.ts'
export * from './n-step-td.ts'
export * from './off-policy-monte-carlo.ts'
export {
  actionValueOf,
  bestActions,
  deterministicPolicy,
  type StochasticPolicy,
  uniformPolicy,
} from './policy.ts'
export * from './policy-evaluation.ts'
export * from './policy-iteration.ts'
export * from './problems/blackjack-model.ts'
export * from './problems/dyna-maze.ts'
export * from './problems/finite-problem.ts'
export * from './problems/gambler.ts'
export { MaximisationBias } from './problems/maximisation-bias.ts'
export * from './problems/random-walk.ts'
export * from './q-learning.ts'
export * from './q-table.ts'
export type { FiniteTask, TabularReport } from './run.ts'
export * from './sarsa.ts'
export * from './td.ts'
export * from './td-lambda.ts'
export * from './value-iteration.ts'
