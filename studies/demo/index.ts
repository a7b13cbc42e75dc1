// The demo without a command: `alambic demo` loads this module when it is called.

export { demoNumbers, demoReport, resultTable } from './report.ts'
export { type DemoResult, runDemo } from './run.ts'
