// A log of episodes as a table: its lines, its columns, and which rows are an episode.

import { describe, expect, it } from 'vitest'
import { Box, Discrete, EpisodeLog, logFromCsv, logToCsv } from '../../../src/rl/index.ts'
import { ShapeError, ValueError } from '../../../src/tensor/errors.ts'
import { header, twoEpisodes } from '../log-table.ts'

const plane = new Box([-9, -9], [9, 9])

function vectors(): EpisodeLog {
  const log = new EpisodeLog({ id: 'plane', observationSpace: plane, actionSpace: plane })
  log.begin([1, 2])
  log.add([3, 4], 10, [5, 6], false, false)
  log.add([7, 8], 0.5, [-1, -2], false, true)
  log.begin([0, 1])
  log.add([0.25, 0], -1, [2, 3], true, true)
  return log
}

const table = `episode,step,observation_0,observation_1,action_0,action_1,reward,terminated,truncated
0,0,1,2,3,4,10,0,0
0,1,5,6,7,8,0.5,0,1
0,2,-1,-2,,,,,
1,0,0,1,0.25,0,-1,1,1
1,1,2,3,,,,,
`

describe('the table', () => {
  it('has a line a row, numbered in its episode; last observations have no more fields', () => {
    expect(logToCsv(vectors())).toBe(table)
  })

  it('has one column of choices', () => {
    const log = new EpisodeLog({ id: 'line', observationSpace: new Box([0], [9]), actionSpace: new Discrete(3) })
    log.begin([4])
    log.add(2, 1, [5], true, false)
    expect(logToCsv(log)).toBe(
      'episode,step,observation_0,action,reward,terminated,truncated\n0,0,4,2,1,1,0\n0,1,5,,,,\n',
    )
  })

  it('is read back to the same rows, with the spaces of its columns where there is no task', () => {
    expect(logFromCsv(table, vectors()).rows).toEqual(vectors().rows)
    const { id, observationSpace, actionSpace } = logFromCsv(table)
    expect([id, String(observationSpace)]).toEqual(['log', 'Box([-Infinity, -Infinity] … [Infinity, Infinity])'])
    expect(String(actionSpace)).toBe('Box([0.25, 0] … [7, 8])') // last observations have no action
  })

  it('leaves last observations out of the range of its actions', () => {
    const head = 'episode,step,observation_0,action_0,action_1,reward,terminated,truncated'
    const log = logFromCsv(`${head}\n0,0,1,3,4,1,0,0\n0,1,1,5,6,1,0,1\n0,2,1,,,,,\n`)
    expect(String(log.actionSpace)).toBe('Box([3, 4] … [5, 6])')
  })

  it('has both flags in the outcome of a row', () => {
    expect([...logFromCsv(table).rows.first('outcomes')]).toEqual([0, 2, 4, 3, 4])
  })
})

describe('episodes', () => {
  const lines = (...rows: string[]) =>
    logFromCsv(['episode,step,observation_0,action,reward,terminated,truncated', ...rows, ''].join('\n'))

  it('are rows of one name, one after another; the first name may be empty', () => {
    const log = lines(',0,1,0,1,0,0', ',1,1,0,1,1,0', 'x,0,1,0,1,0,0', ',0,1,0,1,1,0')
    expect([...log.rows.first('episodes')]).toEqual([0, 0, 1, 2])
  })

  it('are counted on over several tables', () => {
    expect([...logFromCsv([table, table]).rows.first('episodes')]).toEqual([0, 0, 0, 1, 1, 2, 2, 2, 3, 3])
  })

  it('end with their last observation', () => {
    const text = 'logFromCsv: line 4: a step after the end of episode a; expected another episode'
    expect(() => lines('a,0,1,0,1,0,0', 'a,1,1,,,,', 'a,2,1,0,1,0,0')).toThrow(text)
    expect(() => lines('a,0,1,0,1,0,0', 'a,1,1,,,,', 'a,2,1,,,,')).toThrow(text)
    expect(() => lines('a,0,1,0,1,0,1', 'a,1,1,0,1,0,0')).toThrow(/line 3: a step after the end/)
  })

  it('have at least one step', () => {
    expect(() => lines('a,0,1,,,,')).toThrow(ValueError)
    expect(() => lines('a,0,1,,,,')).toThrow('logFromCsv: there is no step; expected at least one')
  })
})

it('the columns fit the task in both sizes', () => {
  const long = new Box([0, 0, 0], [9, 9, 9])
  for (const spaces of [{ actionSpace: long }, { observationSpace: long }]) {
    const task = { id: 'task', observationSpace: plane, actionSpace: plane, ...spaces }
    expect(() => logFromCsv(table, task)).toThrow(ShapeError)
    expect(() => logFromCsv(table, task)).toThrow(/the columns are observation_0, .*action_1; task has observations of/)
  }
})

it('a column that occurs twice is told from one that is missing', () => {
  const [head, ...rows] = table.split('\n')
  const text = (names: string) => [names, ...rows].join('\n')
  expect(() => logFromCsv(text(`${head},step`))).toThrow(/line 1: a column occurs twice; expected episode, step/)
  expect(() => logFromCsv(text(head!.replace('reward,', '')))).toThrow(/line 1: there is no column reward; expected/)
})

describe('a table that is refused', () => {
  it.each<[string, string, RegExp]>([
    ['a gap in the steps', twoEpisodes.replace('a,1,', 'a,2,'), /line 3, column step: 2 in episode a; expected 1/],
    [
      'steps in the wrong order',
      twoEpisodes.replace('b,0,', 'b,1,'),
      /line 4, column step: 1 in episode b; expected 0/,
    ],
    ['a step after the end', `${twoEpisodes}b,3,1,1,1,0,0\n`, /line 7: a step after the end of episode b/],
    ['a step after a termination', twoEpisodes.replace('b,0', 'a,2'), /line 4: a step after the end of episode a/],
    [
      'a word',
      twoEpisodes.replace('4.5', 'left'),
      /line 6, column observation_0: "left"; expected a finite decimal number/,
    ],
    ['no reward', twoEpisodes.replace('1,2,0,0', '1,,0,0'), /line 2, column reward: ""; expected a finite/],
    [
      'a flag that is none',
      twoEpisodes.replace('true', 'yes'),
      /line 3, column terminated: "yes"; expected 0, 1, true or false/,
    ],
    ['a missing field', twoEpisodes.replace('a,0,0.5,1,', 'a,0,0.5,'), /line 2 has 6 fields; the header has 7/],
    [
      'a column too few',
      twoEpisodes.replace(',reward', ',step'),
      /line 1: there is no column reward; expected episode, step, /,
    ],
    ['a column twice', twoEpisodes.replace(header, `${header},step`), /line 1: a column occurs twice/],
    [
      'a misspelt column',
      twoEpisodes.replace('truncated', 'truncatd'),
      /line 1: unknown column "truncatd".* Did you mean "truncated"/,
    ],
    ['a gap in the columns', twoEpisodes.replace('observation_0', 'observation_1'), /unknown column "observation_1"/],
    ['no text', '', /the table is empty/],
    ['no step', `${header}\n`, /there is no step/],
  ])('has %s', (_, text, problem) => expect(() => logFromCsv(text)).toThrow(problem))

  it('has other columns than the first', () => {
    const spaced = twoEpisodes.replace(header, header.replace('observation_0', 'observation_0 '))
    expect(logFromCsv([twoEpisodes, spaced]).episodes).toBe(4)
    const message = /a table has .*action_0.*the same columns/
    expect(() => logFromCsv([twoEpisodes, twoEpisodes.replace('action', 'action_0')])).toThrow(message)
  })

  it('has an action outside the space of the task', () => {
    const task = { id: 'task', observationSpace: new Box([0], [1]), actionSpace: new Discrete(1) }
    const message = 'line 2, column action: 1; expected an action of Discrete(0 … 0)'
    expect(() => logFromCsv(twoEpisodes, task)).toThrow(message)
    expect(logFromCsv(twoEpisodes, { ...task, actionSpace: new Discrete(2) }).size).toBe(4)
  })
})
