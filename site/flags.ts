// Flags of the site's commands.

import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The values of the command line's flags. Prints `usage` and ends for `--help`; a wrong flag ends with one line and exit code 2. */
export function flags<const Options extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: Options,
  args = process.argv.slice(2),
) {
  if (args.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    console.error(`${(error as Error).message.split(/\.\s/)[0]}; --help lists the flags`)
    process.exit(2)
  }
}
