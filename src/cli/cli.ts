#!/usr/bin/env node
// The command `alambic`. Read next: program.ts for what it understands, commands/ for what it does.

import { reportFailure } from './failures.ts'
import { handleSignals } from './interrupt.ts'
import { run } from './program.ts'

handleSignals()

// `alambic … | head` closes our output early: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

process.on('uncaughtException', (error) => process.exit(reportFailure(error)))
process.on('unhandledRejection', (reason) => process.exit(reportFailure(reason)))

process.exitCode = await run(process.argv.slice(2))
