// An in-memory DOM document, to draw charts outside a browser.

import { parseHTML } from 'linkedom'

export function newDocument(): Document {
  return parseHTML('<!doctype html><html><body></body></html>').document
}
