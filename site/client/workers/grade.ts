// The worker that grades an answer to an exercise.

import { check, compiled } from '../../exercises/grade.ts'
import { answerWith } from './post.ts'
import type { Answer } from './protocol.ts'

answerWith(async ({ exercise, code }: Answer, print) => check(exercise, await compiled(exercise, code, print)))
