#!/usr/bin/env node
// The command `alambic`. What computes does so in a thread of its own, so that Ctrl-C is heard at any time; what draws on the
// terminal or opens a GPU stays in this one. Read next: program.ts for what it understands, commands/ for what it does.

import { isMainThread, parentPort } from 'node:worker_threads'
import { reportFailure } from './failures.ts'
import { handleSignals, supervise } from './interrupt.ts'
import { run } from './program.ts'

const argv = process.argv.slice(2)
const inThisThread = ['watch', 'inspect', 'help']

// `alambic … | head` closes our output early: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

process.on('uncaughtException', (error) => process.exit(reportFailure(error)))
process.on('unhandledRejection', (reason) => process.exit(reportFailure(reason)))

if (!isMainThread) parentPort!.postMessage({ code: await run(argv) })
else if (argv[0] !== undefined && !argv[0].startsWith('-') && !inThisThread.includes(argv[0])) {
  supervise(new URL(import.meta.url), argv)
} else {
  handleSignals()
  process.exitCode = await run(argv)
}
