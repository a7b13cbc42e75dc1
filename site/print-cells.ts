// Prints what the cells of a lesson print, for those who write one: npx tsx site/print-cells.ts site/lessons/01-gradient.md
// `--write` puts the lines at the end of each cell that has none yet.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { library } from './client/library.ts'
import { runProgram } from './client/program.ts'
import { flags } from './flags.ts'
import { cellsOf } from './generator/lessons.ts'
import { expectedLines } from './generator/text.ts'

const USAGE = 'npx tsx site/print-cells.ts <lesson.md> [--write]'
const [file = '', ...rest] = process.argv[2]?.startsWith('-') ? ['', ...process.argv.slice(2)] : process.argv.slice(2)
const { write } = flags(USAGE, { write: { type: 'boolean', default: false } }, rest)
if (!existsSync(file)) {
  console.error(`there is no lesson "${file}"; ${USAGE}`)
  process.exit(2)
}
let text = readFileSync(file, 'utf8')
for (const [i, { code }] of cellsOf(text).entries()) {
  const printed: string[] = []
  const started = performance.now()
  const failure = await runProgram(code, library, (line) => printed.push(line)).catch((error: Error) => error.stack)
  const seconds = ((performance.now() - started) / 1000).toFixed(2)
  const lines = printed.filter((line) => !line.startsWith('<svg'))
  const expected = expectedLines(code)
  const comments = lines.map((line) => `// → ${line}`).join('\n')
  const same = lines.join('\n') === expected.join('\n')
  console.log(`cell ${i + 1}: ${seconds} s, ${same ? 'as written' : `differs\n${comments}`}`)
  if (typeof failure === 'string') console.log(failure)
  else if (expected.length === 0) text = text.replace(code, () => `${code}${comments}\n`)
}
if (write) writeFileSync(file, text)
