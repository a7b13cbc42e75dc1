#!/usr/bin/env node
// The command. It is built into dist/; on a fresh clone, the first call builds it, in a second or two.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const command = new URL('../dist/cli.js', import.meta.url)

if (!existsSync(command)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  try {
    const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js')
    execFileSync(process.execPath, [tsup, '--no-dts', '--silent'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  } catch {
    process.stderr.write(`error: alambic is not built; run "npm ci" and "npm run build" in ${root}\n`)
    process.exit(2)
  }
}

await import(command.href)
