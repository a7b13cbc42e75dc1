// The index of the search, built ahead: sections of lessons and guides, and the names of the API.

import MiniSearch from 'minisearch'
import { type Found, searchOptions } from '../client/search-options.ts'
import type { ApiName } from './api.ts'
import type { Built } from './guides.ts'

/** A lesson's list of links, which would be found under the name of every other page. */
const WHERE_NEXT = 'Where to go on'

/** A script that hands the index to the page: a page opened from `file://` may not fetch a file. */
export function searchIndex(lessons: readonly Built[], guides: readonly Built[], names: readonly ApiName[]): string {
  const index = new MiniSearch<Found & { text: string }>(searchOptions)
  let id = 0
  const addSections = (part: string, built: readonly Built[]) => {
    for (const { page, title, sections } of built) {
      for (const { text: heading, anchor, body, level } of sections) {
        if (heading === WHERE_NEXT) continue
        const link = level === 1 ? page : `${page}#${anchor}`
        index.add({
          id: id++,
          part,
          title: level === 1 ? title : heading,
          about: level === 1 ? '' : title,
          page: link,
          text: body,
        })
      }
    }
  }
  addSections('Lesson', lessons)
  addSections('Guide', guides)
  for (const { name, page, about } of names) {
    const [module, title] = name.split('/') as [string, string]
    index.add({ id: id++, part: 'API', title, about: `alambic/${module}`, page, text: about })
  }
  return `globalThis.siteSearchIndex=${JSON.stringify(JSON.stringify(index))}\n`
}
