// How the search reads its entries, for the generator that makes the index and the page that uses it.

import type { Options } from 'minisearch'

export interface Found {
  readonly id: number
  /** `Lesson`, `Guide` or `API` */
  readonly part: string
  readonly title: string
  /** Where the entry is: the page's title or the entry point. */
  readonly about: string
  /** The page on the site, with its anchor. */
  readonly page: string
}

export const searchOptions: Options<Found & { text: string }> = {
  fields: ['title', 'text', 'about'],
  storeFields: ['part', 'title', 'about', 'page'],
  searchOptions: { boost: { title: 4 }, prefix: true, fuzzy: 0.15, combineWith: 'AND' },
}
