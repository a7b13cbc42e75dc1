// Import cycles between modules: strongly connected components of a graph. Tarjan 1972, "Depth-first search and
// linear graph algorithms".

/** The components of two nodes or more, and nodes that lead to themselves; each sorted, in the order of their first nodes. */
export function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>() // when a node was first reached
  const lowest = new Map<string, number>() // the earliest open node that it leads to
  const open: string[] = []
  const isOpen = new Set<string>()
  const cycles: string[][] = []

  const visit = (node: string): void => {
    order.set(node, order.size)
    lowest.set(node, order.get(node)!)
    open.push(node)
    isOpen.add(node)
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) {
        visit(next)
        lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!))
      } else if (isOpen.has(next)) lowest.set(node, Math.min(lowest.get(node)!, order.get(next)!))
    }
    if (lowest.get(node) !== order.get(node)) return
    const component = open.splice(open.indexOf(node))
    for (const each of component) isOpen.delete(each)
    if (component.length > 1 || graph.get(node)?.includes(node)) cycles.push(component.sort())
  }

  for (const node of graph.keys()) if (!order.has(node)) visit(node)
  return cycles.sort((a, b) => (a[0]! < b[0]! ? -1 : 1))
}
