// A program on the page: an editor, buttons and what the program prints. Nothing runs by itself.

import { type Editor, editor } from './editor.ts'
import { type Job, type Outcome, startJob } from './job.ts'

export interface CellParts<Result> {
  readonly root: HTMLElement
  readonly label: string
  readonly worker: 'cell' | 'grade'
  message(code: string): object
  /** Shows a result; returns the words beside the buttons. */
  finished(result: Result, seconds: string, output: Output): string
}

/** The place below a cell. */
export interface Output {
  /** Adds a line, or a picture where the line is an SVG. */
  print(line: string, className?: string): void
}

/** Turns the listing of a cell into an editor that runs. Returns the editor. */
export function mountCell<Result>({ root, label, worker, message, finished }: CellParts<Result>): Editor {
  const part = (name: string) => root.querySelector<HTMLElement>(`.${name}`)!
  const [run, stop, reset] = ['run', 'stop', 'reset'].map((name) => part(name) as HTMLButtonElement) as [
    HTMLButtonElement,
    HTMLButtonElement,
    HTMLButtonElement,
  ]
  const state = part('state')
  const printed = part('printed')
  const limit = Number(root.dataset.limit)
  const original = part('code').textContent!.trimEnd()
  const output: Output = { print: (line, className) => printed.append(lineElement(line, className)) }
  let job: Job<Result> | undefined

  const code = editor(part('code'), original, label, start, () => {
    reset.hidden = code.text() === original
  })
  run.addEventListener('click', start)
  stop.addEventListener('click', () => job?.stop())
  reset.addEventListener('click', () => {
    job?.stop()
    code.replace(original)
    printed.replaceChildren()
    printed.hidden = true
    state.textContent = ''
  })
  run.disabled = false

  async function start() {
    if (job !== undefined) return
    printed.replaceChildren()
    printed.hidden = true
    state.textContent = 'loading …'
    let begin = performance.now()
    let clock: ReturnType<typeof setInterval> | undefined
    const seconds = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`
    job = startJob<Result>(worker, message(code.text()), limit, {
      started() {
        begin = performance.now()
        state.textContent = '0.0 s'
        clock = setInterval(() => {
          state.textContent = `${seconds()} of at most ${limit} s`
        }, 100)
      },
      printed(lines) {
        printed.hidden = false
        for (const line of lines) output.print(line)
      },
    })
    swap(run, stop)
    const outcome = await job.outcome
    clearInterval(clock)
    job = undefined
    swap(stop, run)
    const text = end(outcome, seconds())
    printed.hidden = printed.childElementCount === 0
    state.textContent = text
  }

  function end(outcome: Outcome<Result>, seconds: string): string {
    if (outcome.kind === 'done') return finished(outcome.result, seconds, output)
    if (outcome.kind === 'stopped') return `stopped after ${seconds}`
    if (outcome.kind === 'too long') {
      output.print(`Stopped: the program ran for ${limit} s, which is its limit here.`, 'error')
      return 'stopped at its limit'
    }
    output.print(outcome.line === undefined ? outcome.message : `Line ${outcome.line}: ${outcome.message}`, 'error')
    return 'failed'
  }

  return code
}

function swap(from: HTMLButtonElement, to: HTMLButtonElement): void {
  const focused = document.activeElement === from
  from.hidden = true
  to.hidden = false
  if (focused) to.focus()
}

function lineElement(line: string, className = ''): HTMLElement {
  if (line.startsWith('<svg')) {
    const image = document.createElement('img')
    image.alt = 'A picture that the program drew'
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(line)}`
    return image
  }
  const element = document.createElement('div')
  element.className = `line ${className}`
  element.textContent = line
  return element
}
