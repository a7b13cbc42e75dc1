// What package.json has about the package: its version, which `--version` prints and runs record, and one line of description.

import packageJson from '../../package.json' with { type: 'json' }

export const { version, description } = packageJson
