// `alambic inspect`: looks inside. `inspect kernel matmul` prints a kernel as the text form of WebAssembly; `inspect devices`
// says where tensors can live on this machine, and from which size on a GPU is worth it there.

import type { Command } from 'commander'
import { devices } from '../../gpu/device.ts'
import { formatTable } from '../../plot/tables.ts'
import { kernelNames, kernelText } from '../../tensor/backends/wasm/kernels.ts'
import { measuredCrossover, storedCrossover } from '../gpu-crossover.ts'

export function registerInspect(program: Command): void {
  const inspect = program.command('inspect').description('look inside: the kernels, the devices of this machine')
  inspect
    .command('kernel')
    .description('print a WebAssembly kernel in its text form; without a name, list them')
    .argument('[name]', 'such as matmul')
    .action((name?: string) => {
      console.log(name === undefined ? kernelNames().join('\n') : kernelText(name))
    })
  inspect
    .command('devices')
    .description('list the devices and modes that this machine has, and from which size on a GPU is worth it')
    .option('--measure', 'time products on the CPU and on each GPU now: some seconds')
    .action(async ({ measure }: { measure?: true }) => {
      const all = await devices()
      const rows = all.map(({ device, mode, available, hardware, adapter }) =>
        available ? [device, mode, 'yes', hardware, adapter] : [device, mode, 'no', hardware, '–'],
      )
      console.log(formatTable(['device', 'mode', 'present', 'made of', 'adapter'], rows))
      const absent = all.filter(({ available }) => !available)
      console.log(`\n${absent.map(({ mode, adapter }) => `${mode}: ${adapter}`).join('\n')}`)
      console.log(`\n${(measure ? await measuredCrossover() : storedCrossover()).join('\n')}`)
    })
}
