// What the page knows of the worker's state, beside the configuration.

import type { LabelsView, Maps, Probe, StudentView, TeacherView } from './protocol.ts'

export interface View {
  isPlaying: boolean
  stopWhenSolved: boolean
  uploads: { csv?: string; policy?: string }
  failures: { teacher?: string; labels?: string; student?: string }
  teacher?: TeacherView
  labels?: LabelsView
  student?: StudentView
  maps?: Maps
  probe?: Probe
}
