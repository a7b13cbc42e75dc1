// The library's entry points as programs of the lessons import them. Those that need a graphics card (gpu) or a document (plot) are left out.

import * as distill from 'alambic/distill'
import * as exporting from 'alambic/export'
import * as nn from 'alambic/nn'
import * as render from 'alambic/render'
import * as rl from 'alambic/rl'
import * as tabular from 'alambic/tabular'
import * as tensor from 'alambic/tensor'
import type { Modules } from './program.ts'

export const library: Modules = {
  'alambic/tensor': tensor,
  'alambic/nn': nn,
  'alambic/rl': rl,
  'alambic/tabular': tabular,
  'alambic/distill': distill,
  'alambic/render': render,
  'alambic/export': exporting,
}
