/**
 * A report: what a run of verify, stress or soak came to, in tables, with its findings.
 */

import type { PageTable, ReportPage } from '../trace/page-data.js';

/** The report. */
export function ReportView({ page: { title, verdict, isBroken, tables, notes, runs } }: { readonly page: ReportPage }) {
  return (
    <>
      <header class="head">
        <h1>{title}</h1>
        <p class={isBroken ? 'lead broken' : 'lead'}>{verdict}</p>
      </header>
      {runs.length > 0 && (
        <section aria-labelledby="found">
          <h2 id="found">Findings</h2>
          <ol class="index">
            {runs.map(({ trace }, run) => (
              <li key={trace.source.id ?? run}>
                <a href={`#finding=${run + 1}`}>{trace.title.replace(/^BUG: faultline: /, '')}</a>
                {trace.violation && <span class="of">When this happens, {trace.violation.words}.</span>}
              </li>
            ))}
          </ol>
        </section>
      )}
      <div class="tables">
        {tables.map((table) => (
          <Table key={table.caption} table={table} />
        ))}
      </div>
      {notes.length > 0 && (
        <section class="notes" aria-label="What was covered, and what was not">
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </section>
      )}
    </>
  );
}

/** A table whose first column has the names of the rows, and whose others have numbers. */
export function Table({ table: { caption, columns, rows, shares } }: { readonly table: PageTable }) {
  return (
    // It scrolls by itself where the window is narrow, also for who has no mouse.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scrolls" tabIndex={0} aria-label={caption}>
      <table class="numbers">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((name, place) =>
              name === '' ? (
                <td key={place} />
              ) : (
                <th key={place} scope="col">
                  {name}
                </th>
              ),
            )}
            {shares && <td />}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells], row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, place) => (
                <td key={columns[place + 1]}>{cell}</td>
              ))}
              {shares && (
                <td class="bar-of">
                  <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                    <rect width={100 * shares[row]} height="8" />
                  </svg>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
