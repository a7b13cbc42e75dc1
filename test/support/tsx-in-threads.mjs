// `node --import ./test/support/tsx-in-threads.mjs FILE.ts`: TypeScript in the main thread and in workers, where `--import tsx` leaves it out.

import { register } from 'tsx/esm/api'

register()
