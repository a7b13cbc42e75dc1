// A document in memory, for charts that are drawn where there is no browser.

import { parseHTML } from 'linkedom'

/** An empty document of its own. */
export function newDocument(): Document {
  return parseHTML('<!doctype html><html><body></body></html>').document
}
