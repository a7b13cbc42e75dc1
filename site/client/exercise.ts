// An exercise: a cell whose answer is checked. A solution is offered after three tries.

import { mountCell } from './cell.ts'
import type { Grade } from './workers/protocol.ts'

const TRIES = 3

export function mountExercise(root: HTMLElement): void {
  const reveal = root.querySelector<HTMLButtonElement>('.reveal')!
  let failures = 0
  let solution = ''
  const code = mountCell<Grade>({
    root,
    label: root.getAttribute('aria-label') ?? 'Exercise',
    worker: 'grade',
    message: (text) => ({ exercise: root.dataset.exercise, code: text }),
    finished(grade, seconds, output) {
      root.classList.toggle('passed', grade.passed)
      if (grade.passed) {
        output.print(`Right: ${grade.cases} random cases agree.`, 'right')
        return `right, in ${seconds}`
      }
      failures++
      solution = grade.solution
      output.print(grade.counterexample ?? 'One of the cases fails.', 'error')
      if (failures >= TRIES) reveal.hidden = false
      else
        output.print(
          `${TRIES - failures === 1 ? 'One more try' : `${TRIES - failures} more tries`}, then a solution can be shown.`,
          'note',
        )
      return 'not yet'
    },
  })
  reveal.addEventListener('click', () => {
    code.replace(solution)
    reveal.hidden = true
  })
}
