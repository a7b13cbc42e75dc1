// Command lines as text that a shell reads.

/** `alambic train ppo --env CartPole-v1`; quotes what a shell would expand. */
export function shellLine(argv: readonly string[]): string {
  const quoted = argv.map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : `'${each.replaceAll("'", "'\\''")}'`))
  return ['alambic', ...quoted].join(' ')
}
