// The version and description of package.json.

import packageJson from '../../../package.json' with { type: 'json' }

export const { version, description } = packageJson
