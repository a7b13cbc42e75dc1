// `alambic study`: the measurements behind the figures that this project states. `study teachers` finds the teachers,
// `study small-data` measures how few labels a student needs. Read next: ../study/find-teachers.ts, ../study/small-data.ts.

import type { Command } from 'commander'
import { registerOnPolicy } from './on-policy/command.ts'
import { registerSmallData } from './small-data/command.ts'
import { registerTeachers } from './small-data/teachers/command.ts'

export function registerStudy(program: Command): void {
  const study = program.command('study').description('measure distillation over tasks, teachers and seeds')
  registerSmallData(study)
  registerOnPolicy(study)
  registerTeachers(study)
}
