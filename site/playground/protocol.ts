// Messages between page and worker.

import type { Scene } from 'alambic/render'
import type { Config } from './config.ts'
import type { FileKind } from './lab.ts'

export type ToWorker =
  | { readonly type: 'configure'; readonly config: Config; readonly stopWhenSolved: boolean }
  | { readonly type: 'play'; readonly isPlaying: boolean }
  | { readonly type: 'step' }
  | { readonly type: 'restart' }
  | { readonly type: 'stop-training' }
  | { readonly type: 'probe'; readonly state: readonly number[] }
  | { readonly type: 'export'; readonly kind: FileKind }
  | { readonly type: 'files' }
  | { readonly type: 'csv'; readonly name: string; readonly text: string }
  | { readonly type: 'no-csv' }
  | { readonly type: 'retrain' }
  | { readonly type: 'policy-file'; readonly name: string; readonly bytes: Uint8Array }

/** The files that the program of a configuration reads, by name. */
export interface ProgramFiles {
  readonly type: 'files'
  readonly files: Readonly<Record<string, Uint8Array>>
}

export interface PlayerView {
  readonly scene: Scene
  readonly step: number
  readonly episodeReturn: number
  readonly ended: boolean
}

export interface Frame {
  readonly type: 'frame'
  readonly teacher?: PlayerView
  readonly student?: PlayerView
}

export interface TeacherView {
  readonly type: 'teacher'
  readonly status: 'training' | 'ready'
  readonly name: string
  readonly step: number
  readonly total: number
  readonly parameters: number
  /** Mean of greedy episodes; NaN while training. */
  readonly mean: number
  /** Its outputs for states. */
  readonly scores: boolean
  readonly actionValues: boolean
  readonly stateValues: boolean
  /** Steps and returns of the episodes of its training, one after the other. */
  readonly curve: Float32Array
}

/** A training ended, or was stopped, after so many environment steps. */
export interface Stopped {
  readonly type: 'stopped'
  readonly steps: number
}

export interface LabelsView {
  readonly type: 'labels'
  /** Full states, flat. */
  readonly states: Float32Array
  /** The best action of each label; for continuous actions from -1 to 1. */
  readonly actions: Float32Array
  readonly added: number
  readonly labels: number
  readonly teacherEvaluations: number
  readonly environmentSteps: number
}

export interface StudentView {
  readonly type: 'student'
  readonly status: 'collecting' | 'fitting' | 'ready' | 'none'
  readonly round: number
  readonly rounds: number
  /** Gradient steps of all students so far, of all there will be. */
  readonly update: number
  readonly updates: number
  readonly loss: number
  readonly parameters: number
  /** NaN before the end. */
  readonly mean: number
  readonly seconds: number
  /** Of its parameters' bits. */
  readonly digest: string
}

export interface Maps {
  readonly type: 'maps'
  readonly kind: 'value' | 'policy'
  readonly side: number
  /** Numbers a cell: 1 for values and continuous actions, else one per action. */
  readonly width: number
  readonly teacher?: Float32Array
  readonly student?: Float32Array
  /** [side · side] */
  readonly difference?: Float32Array
  /** Least and greatest of the values. */
  readonly range: readonly [number, number]
  readonly note: string
}

export interface Probe {
  readonly type: 'probe'
  readonly state: readonly number[]
  readonly teacher?: Float32Array
  readonly student?: Float32Array
  readonly teacherValue?: number
  readonly studentValue?: number
}

/** Labels were read from a file; with actions alone they are learned as hard labels. */
export interface Read {
  readonly type: 'read'
  readonly name: string
  readonly target: Config['target']
}

/** A policy was read from a file. */
export interface Uploaded {
  readonly type: 'uploaded'
  readonly name: string
}

export interface Failure {
  readonly type: 'failure'
  readonly where: 'teacher' | 'labels' | 'student'
  readonly message: string
}

export interface FileView {
  readonly type: 'file'
  readonly name: string
  readonly content: string | Uint8Array
}

export type FromWorker =
  | Frame
  | TeacherView
  | Stopped
  | LabelsView
  | StudentView
  | Maps
  | Probe
  | Read
  | Uploaded
  | Failure
  | FileView
  | ProgramFiles
