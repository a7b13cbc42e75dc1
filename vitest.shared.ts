// What every suite shares: `alambic` and its entry points mean the source, so that no test needs a build.

import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('./src', import.meta.url))

/** The entry points of package.json, resolved to the source. */
export const fromSource = [
  { find: /^alambic$/, replacement: `${source}/index.ts` },
  { find: /^alambic\/(tensor|nn|rl|distill)$/, replacement: `${source}/$1/index.ts` },
]
