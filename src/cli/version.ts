// The version of the package, as `--version` prints it and as runs record it.

import packageJson from '../../package.json' with { type: 'json' }

export const { version } = packageJson
