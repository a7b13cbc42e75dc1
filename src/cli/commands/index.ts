// The commands, in the order of the help. Each module exports one function that adds its command to the program.

import type { Register } from '../program.ts'
import { registerDemo } from './demo.ts'
import { registerDistill } from './distill.ts'
import { registerEvaluate } from './evaluate.ts'
import { registerExport } from './export.ts'
import { registerInspect } from './inspect.ts'
import { registerList } from './list.ts'
import { registerRecord, registerWatch } from './play.ts'
import { registerReport, registerResume } from './resume.ts'
import { registerTrain } from './train.ts'

export const commands: readonly Register[] = [
  registerDemo,
  registerTrain,
  registerResume,
  registerReport,
  registerEvaluate,
  registerDistill,
  registerExport,
  registerWatch,
  registerRecord,
  registerInspect,
  registerList,
]
