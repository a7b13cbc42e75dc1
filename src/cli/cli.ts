#!/usr/bin/env node
// The entry point of the command `alambic`. Commands that compute run in a worker thread, so that the main thread can handle Ctrl-C at any
// time; commands that draw on the terminal or open a GPU run in the main thread. Read next: program.ts, commands/.

import { isMainThread, parentPort } from 'node:worker_threads'
import { run } from './program.ts'
import { reportFailure } from './terminal/failures.ts'
import { handleSignals, supervise } from './terminal/interrupt.ts'

const argv = process.argv.slice(2)
const inThisThread = ['watch', 'inspect', 'help']

// A reader that closes the pipe early, such as `alambic … | head`, is not an error.
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
