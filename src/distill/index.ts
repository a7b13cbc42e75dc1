// The public names of distillation. Read next: distill.ts.

export type { TeachingPolicy } from '../rl/policies/policy.ts'
export { playTeacher } from './collecting/play.ts'
export { type DatasetColumns, type LabelKind, LabelledDataset, type TaskSpec } from './dataset/dataset.ts'
export {
  type CsvOptions,
  datasetFromCsv,
  datasetFromJson,
  datasetToCsv,
  datasetToJson,
  loadDataset,
  saveDataset,
} from './dataset/dataset-files.ts'
export { concatDatasets, relabel } from './dataset/dataset-operations.ts'
export { type Distilled, type DistillReport, distill } from './distill.ts'
export { type FitOptions, type FitReport, fitStudent } from './fit.ts'
export { type HeldOut, heldOut } from './held-out.ts'
export { distillMultiTask, type MultiTask } from './multi-task.ts'
export { type ObjectiveOptions, prepareObjective } from './objective.ts'
export { type DistillOptions, distillOptions } from './options.ts'
export { type TargetName, targetNames, targets } from './targets/index.ts'
export { actionValueStd, defineTarget, type Objective, type Target, type Temperature } from './targets/target.ts'
export { labelLog, labelStates, type TeacherSource } from './teachers/teacher.ts'
export { ensembleOf, type TeacherFunction, type TeacherOutput } from './teachers/teacher-sources.ts'
export { labelsBy } from './teachers/teaching-agent.ts'
export { fitTree, type TreeOptions, type ViperOptions, viper } from './trees.ts'
