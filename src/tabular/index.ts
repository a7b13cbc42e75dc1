// Methods for tasks with finitely many states and actions, in the order of the textbook (Sutton and Barto 2018): planning with
// a model (planning.ts), Monte Carlo, temporal differences, n steps and traces, planning with a learned model (dyna-q.ts).

export { TablePolicy } from './algorithms.ts'
export { dynaQ } from './dyna-q.ts'
export { EnumeratedStates } from './enumerated-states.ts'
export { monteCarloControl, offPolicyMonteCarlo } from './monte-carlo.ts'
export { policyEvaluation, policyIteration, valueIteration } from './planning.ts'
export { deterministicPolicy, uniformPolicy } from './policy.ts'
export { QTable } from './q-table.ts'
export type { TabularReport } from './run.ts'
export { doubleQLearning, expectedSarsa, qLearning, sarsa } from './td-control.ts'
export { nStepTd, td, tdLambda } from './td-prediction.ts'
