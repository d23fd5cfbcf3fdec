/**
 * The index of a folder: its findings, each with a link to its page.
 */

import type { IndexPage } from '../trace/page-data.js';

/** The list. */
export function IndexView({ page: { folder, rows } }: { readonly page: IndexPage }) {
  return (
    <>
      <header class="head">
        <h1>
          <span class="title">Findings in {folder}</span>
        </h1>
      </header>
      {rows.length === 0 && <p>No finding is kept here.</p>}
      <ol class="index">
        {rows.map(({ title, page, of, steps, note }) => (
          <li key={page ?? title}>
            {page === undefined ? <strong>{shortTitle(title)}</strong> : <a href={page}>{shortTitle(title)}</a>}
            <span class="of">
              {of}
              {steps === undefined ? '' : `, ${steps} ${steps === 1 ? 'step' : 'steps'}`}
            </span>
            {note !== undefined && <span class="of">{note}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}

/** All of them are bugs that Faultline reports. */
function shortTitle(title: string): string {
  return title.replace(/^BUG: faultline: /, '');
}
