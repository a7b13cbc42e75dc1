/** What a training generator yields. */
export type ReportOf<Train extends (...given: never[]) => Generator<unknown, unknown, void>> =
  ReturnType<Train> extends Generator<infer Report, unknown, void> ? Report : never
