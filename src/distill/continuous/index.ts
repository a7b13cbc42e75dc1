// Distillation of policies that give vectors. Read next: distill-controls.ts.

export * from './collect.ts'
export { type ControlSet, statesOf } from './control-set.ts'
export { type ControlLabels, type ControlPolicy, ControlTeacher } from './control-teacher.ts'
export * from './distill-controls.ts'
export { controlTarget } from './target.ts'
