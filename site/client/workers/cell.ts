// The worker that runs a cell.

import { library } from '../library.ts'
import { runProgram } from '../program.ts'
import { answerWith } from './post.ts'
import type { Files, Program } from './protocol.ts'

answerWith(async ({ code, files }: Program, print) => {
  await runProgram(code, files === undefined ? library : { ...library, 'node:fs': fileSystem(files) }, print)
  return null
})

function fileSystem(files: Files) {
  const readFileSync = (name: string, encoding?: 'utf8') => {
    const bytes = files[name]
    if (bytes === undefined) {
      throw new Error(`there is no file "${name}" here; there are ${Object.keys(files).join(', ') || 'none'}`)
    }
    return encoding === undefined ? bytes : new TextDecoder().decode(bytes)
  }
  return { readFileSync }
}
