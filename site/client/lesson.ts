// The script of a lesson: its cells and exercises.

import { mountCell } from './cell.ts'
import { mountExercise } from './exercise.ts'

for (const root of document.querySelectorAll<HTMLElement>('.cell')) {
  if (root.dataset.exercise !== undefined) mountExercise(root)
  else {
    const label = root.getAttribute('aria-label') ?? 'Program'
    mountCell({
      root,
      label,
      worker: 'cell',
      message: (code) => ({ code }),
      finished: (_, seconds) => `done in ${seconds}`,
    })
  }
}
