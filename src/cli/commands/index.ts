// The commands, in the order of the help. Each module exports one function that adds its command to the program.

import type { Register } from '../program.ts'

export const commands: readonly Register[] = []
