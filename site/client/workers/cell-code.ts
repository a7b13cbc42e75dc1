// Loaded by a page when a cell first runs.

import code from 'worker:./cell.ts'

Object.assign(globalThis, { siteCellWorker: code })
