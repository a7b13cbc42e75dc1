// The worker that runs a cell.

import { library } from '../library.ts'
import { runProgram } from '../program.ts'
import { answerWith } from './post.ts'
import type { Program } from './protocol.ts'

answerWith(async ({ code }: Program, print) => {
  await runProgram(code, library, print)
  return null
})
