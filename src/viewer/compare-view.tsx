/**
 * A comparison: every scheme against every scenario. A cell opens its finding; the cells of one kind can be picked out.
 */

import { useState } from 'preact/hooks';
import type { ComparePage, PageCell } from '../trace/page-data.js';

/** The table. */
export function CompareView({ page }: { readonly page: ComparePage }) {
  const { title, summary, scenarios, schemes, cells, notes } = page;
  const [picked, pick] = useState('');
  const kinds = [...new Set(cells.flatMap(({ kind }) => kind ?? []))].sort();
  const cellOf = new Map(cells.map((cell) => [`${cell.scenario}\n${cell.scheme}`, cell]));
  const countOf = (kind: string) => cells.filter((cell) => cell.kind === kind).length;
  return (
    <>
      <header class="head">
        <h1>{title}</h1>
        <p class="lead">{summary}</p>
      </header>
      <p class="pick">
        <label>
          Show{' '}
          <select value={picked} onChange={({ currentTarget }) => pick(currentTarget.value)}>
            <option value="">every cell</option>
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {kind} ({countOf(kind)})
              </option>
            ))}
          </select>
        </label>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scrolls" tabIndex={0} aria-label="The table">
        <table class="grid">
          <thead>
            <tr>
              <td />
              {schemes.map((scheme) => (
                <th key={scheme.name} scope="col" title={scheme.title}>
                  {scheme.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {scenarios.map((scenario) => (
              <tr key={scenario}>
                <th scope="row">{scenario}</th>
                {schemes.map(({ name }) => (
                  <Cell key={name} cell={cellOf.get(`${scenario}\n${name}`)} picked={picked} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {notes.map((note) => (
        <p key={note} class="of">
          {note}
        </p>
      ))}
    </>
  );
}

function Cell({ cell, picked }: { readonly cell: PageCell | undefined; readonly picked: string }) {
  if (cell === undefined) return <td />;
  const { text, kind, run, expected } = cell;
  const classes = [
    kind === undefined ? 'holds' : 'breaks',
    ...(picked !== '' && picked !== kind ? ['faint'] : []),
    ...(expected === undefined ? [] : ['differs']),
  ];
  return (
    <td class={classes.join(' ')}>
      {run === undefined ? text : <a href={`#finding=${run + 1}`}>{text}</a>}
      {expected !== undefined && <span class="of">expected: {expected}</span>}
    </td>
  );
}
