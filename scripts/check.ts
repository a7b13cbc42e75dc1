// `npm run check`: searches for a call whose gradient breaks its equation. `npm run check -- --help` explains.
// The cases are the tables of test/support, which the unit tests share. Read next: check/command.ts.

import { run } from './check/command.ts'

process.exitCode = await run(process.argv.slice(2))
