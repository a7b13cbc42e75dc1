// The distillation losses, as pure functions of the student's outputs. What the teacher gave is constant: no gradient
// flows into it. Each is zero or smallest at equality. Read next: one of these files, then targets.ts, which prepares labels.

export * from './losses/action-values.ts'
export { requireTemperature } from './losses/common.ts'
export * from './losses/continuous-policies.ts'
export * from './losses/policies.ts'
export * from './losses/rankings.ts'
export * from './losses/values.ts'
