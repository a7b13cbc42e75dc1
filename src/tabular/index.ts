// Methods for tasks with finitely many states and actions, in the order of the textbook (Sutton and Barto 2018): planning with
// a model (planning.ts), Monte Carlo, temporal differences, n steps and traces, planning with a learned model.

export { TablePolicy } from './algorithms.ts'
export { monteCarloControl, offPolicyMonteCarlo } from './monte-carlo.ts'
export { deterministicPolicy, policyEvaluation, policyIteration, uniformPolicy, valueIteration } from './planning.ts'
export { QTable } from './q-table.ts'
export { EnumeratedStates, type TabularReport } from './run.ts'
export { doubleQLearning, dynaQ, expectedSarsa, qLearning, sarsa } from './td-control.ts'
export { nStepTd, td, tdLambda } from './td-prediction.ts'
