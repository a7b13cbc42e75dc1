// The exercises by the name that lessons give.

import { adamStep } from './adam-step.ts'
import { discountedReturns } from './discounted-returns.ts'
import { doubleTarget } from './double-target.ts'
import type { Exercise } from './exercise.ts'
import { farthestPoint } from './farthest-point.ts'
import { forwardPass } from './forward-pass.ts'
import { gae } from './gae.ts'
import { matmulBackward } from './matmul-backward.ts'
import { stableKl } from './stable-kl.ts'
import { tanhBackward } from './tanh-backward.ts'
import { tdUpdate } from './td-update.ts'

export const exercises: Readonly<Record<string, Exercise>> = {
  'tanh-backward': tanhBackward,
  'matmul-backward': matmulBackward,
  'adam-step': adamStep,
  'discounted-returns': discountedReturns,
  'td-update': tdUpdate,
  'double-target': doubleTarget,
  gae,
  'stable-kl': stableKl,
  'farthest-point': farthestPoint,
  'forward-pass': forwardPass,
}
