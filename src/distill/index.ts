// The public names of distillation. Read next: distill.ts.

export { type DatasetColumns, type LabelKind, LabelledDataset, type TaskSpec } from './dataset.ts'
export { type CsvOptions, datasetFromCsv, datasetToCsv } from './dataset-csv.ts'
export { datasetFromJson, datasetToJson, loadDataset, saveDataset } from './dataset-files.ts'
export { concatDatasets, relabel } from './dataset-operations.ts'
export { type Distilled, type DistillOptions, type DistillReport, distill, distillOptions } from './distill.ts'
export { ensembleOf } from './ensemble.ts'
export { type FitOptions, type FitReport, fitStudent } from './fit.ts'
export { fitTree, type TreeOptions } from './fit-tree.ts'
export type { TeacherFunction, TeacherOutput } from './function-teacher.ts'
export {
  binnedCrossEntropy,
  expectedRegret,
  generalizedJsd,
  listNet,
  smoothedLogits,
  softActorLoss,
} from './losses.ts'
export { distillMultiTask, type MultiTask } from './multi-task.ts'
export { type ObjectiveOptions, prepareObjective } from './objective.ts'
export { selfDistill } from './self-distillation.ts'
export { type TargetName, targetNames, targets } from './targets/index.ts'
export { defineTarget, type Objective, type Target } from './targets/target.ts'
export type { TeacherSource, TeachingAgent } from './teacher.ts'
export { actionValueStd, type Temperature } from './temperature.ts'
export { type ViperOptions, viper } from './viper.ts'
