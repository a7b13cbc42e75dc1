import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reportFailure } from '../../../src/cli/terminal/failures.ts'
import { startProgress, stopProgress } from '../../../src/cli/terminal/progress.ts'
import { DivergenceError } from '../../../src/tensor/errors.ts'

let text = ''
beforeEach(() => {
  text = ''
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'Date'] })
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += chunk
    return true
  })
})
afterEach(() => {
  stopProgress()
  Reflect.deleteProperty(process.stderr, 'isTTY')
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function onTerminal(yes: boolean): void {
  Object.defineProperty(process.stderr, 'isTTY', { value: yes, configurable: true })
}

it('without a terminal: prints a plain line now and then, with the time left, and one at the end', () => {
  onTerminal(false)
  const progress = startProgress('teacher', 50_000, 'steps')
  for (let steps = 1_000; steps <= 50_000; steps += 1_000) {
    vi.advanceTimersByTime(300)
    progress.update(steps, `return ${steps / 100}`)
  }
  progress.finish()
  expect(text.split('\n')).toEqual([
    'teacher: 17,000 of 50,000 steps, 10 s left, return 170',
    'teacher: 34,000 of 50,000 steps, 5 s left, return 340',
    'teacher: done in 15.0 s: return 500',
    '',
  ])
})

it('says "at most" where the work may end early', () => {
  onTerminal(false)
  const progress = startProgress('teacher', 200, 'steps', true)
  vi.advanceTimersByTime(6_000)
  progress.update(100)
  expect(text).toBe('teacher: 100 of 200 steps, at most 6 s left\n')
})

describe('on a terminal', () => {
  it('takes the bar away before an error is printed', () => {
    onTerminal(true)
    startProgress('students', 100, 'updates').update(25)
    text = ''
    reportFailure(new DivergenceError('loss is NaN at step 12'))
    expect(text.indexOf('\u001b[?25h')).toBeGreaterThanOrEqual(0)
    expect(text.indexOf('\u001b[?25h')).toBeLessThan(text.indexOf('error: loss is NaN at step 12'))
  })

  it('draws a bar with the time left and takes it away at the end', () => {
    onTerminal(true)
    const progress = startProgress('students', 100, 'updates')
    vi.advanceTimersByTime(1_000)
    progress.update(25, 'loss 0.5')
    expect(text).toContain('students')
    expect(text).toContain('25 %')
    expect(text).toContain('3 s left')
    expect(text).toContain('loss 0.5')
    progress.finish('8 students')
    expect(text.endsWith('students: done in 1.0 s: 8 students\n')).toBe(true)
    expect(text).toContain('\u001b[?25h') // the cursor is shown again
  })
})
