// The playground's program as a cell in a dialog. Loaded when it is first asked for.

import { mountCell } from './cell.ts'
import type { Files } from './workers/protocol.ts'

const LIMIT = 300 // seconds: a program may train its teacher

/** Opens a dialog with the program, which may read these files. */
export type OpenProgram = (code: string, files: Files) => void

const openProgram: OpenProgram = (code, files) => {
  const dialog = document.createElement('dialog')
  dialog.className = 'program'
  dialog.setAttribute('aria-labelledby', 'program-title')
  dialog.innerHTML = `<div class="head"><h2 id="program-title">The same student, as a program</h2>
<button type="button" class="copy">Copy</button><button type="button" class="close">Close</button></div>
<p>Run it here, or in Node after <code>npm install alambic</code>. It trains the same student, bit for bit, and prints the number of labels and the mean return.</p>
<section class="cell" data-limit="${LIMIT}" aria-label="Program"><div class="code"></div>
<div class="bar"><button type="button" class="run">Run</button><button type="button" class="stop" hidden>Stop</button><button type="button" class="reset" hidden>Reset</button><span class="state"></span></div>
<div class="printed" role="log" aria-label="Output of the program" hidden></div></section>`
  document.body.append(dialog)
  const part = (name: string) => dialog.querySelector<HTMLElement>(`.${name}`)!
  part('code').textContent = code
  const editor = mountCell({
    root: part('cell'),
    label: 'Program',
    worker: 'cell',
    message: (text) => ({ code: text, files }),
    finished: (_, seconds) => `done in ${seconds}`,
  })
  const copy = part('copy')
  copy.addEventListener('click', async () => {
    copy.textContent = await navigator.clipboard.writeText(editor.text()).then(
      () => 'Copied',
      () => 'Not allowed here',
    )
  })
  part('close').addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => {
    part('stop').click()
    dialog.remove()
  })
  dialog.showModal()
}

Object.assign(globalThis, { siteOpenProgram: openProgram })
