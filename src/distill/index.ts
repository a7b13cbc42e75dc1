// The distillation floor's public names. Read next: teacher.ts, then targets.ts.

export * from './collect.ts'
export * from './distill.ts'
export * from './foreign-teacher.ts'
export * from './labelled-set.ts'
export * from './losses.ts'
export * from './observation-scaling.ts'
export * from './targets.ts'
export * from './teacher.ts'
export * from './temperature.ts'
export * from './train-student.ts'
export * from './weights.ts'
