// What the package's manifest says of it: the version that `--version` prints and runs record, and the description.

import packageJson from '../../package.json' with { type: 'json' }

export const { version, description } = packageJson
