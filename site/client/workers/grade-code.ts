// Loaded by a page when an exercise is first checked.

import code from 'worker:./grade.ts'

Object.assign(globalThis, { siteGradeWorker: code })
