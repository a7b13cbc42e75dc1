// Distillation into a student at play. Read next: kickstart.ts.

export * from './guidance-weight.ts'
export * from './kickstart.ts'
export * from './proximal.ts'
export * from './qdagger.ts'
export * from './return-corrected.ts'
export * from './student-driven.ts'
export * from './teacher-policy.ts'
