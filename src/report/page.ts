/**
 * Pages: everything about a run as one HTML file that loads nothing. Data, style and script are in it, and its policy
 * allows just these by their hashes. Used by the command line.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { builtFile } from '../core/built-file.js';
import { InputError } from '../core/errors.js';
import { plainText } from '../core/plain-text.js';
import type { ComparePage, PageData, ReportPage } from '../trace/page-data.js';
import { tableLines } from './plain-table.js';

/**
 * The page of some data: a whole HTML document.
 *
 * @throws InputError when the viewer is not built
 */
export function htmlPageOf(data: PageData): string {
  const style = viewerFile('viewer.css');
  const scripts = [viewerFile(data.kind === 'live' ? 'live.js' : 'viewer.js')];
  if ('runs' in data && data.runs.some(({ trying }) => typeof trying === 'object')) {
    scripts.unshift(viewerFile('engine.js'));
  }
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashSource).join(' ')}`,
    `style-src ${hashSource(style)}`,
    ...(data.kind === 'live' ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const { title, plain } = plainOf(data);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<div id="app"></div>',
    `<div class="plain">${plain}</div>`,
    `<script type="application/json" id="data">${jsonInScript(data)}</script>`,
    ...scripts.map((script) => `<script>${script}</script>`),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** What printers and browsers without scripts show. */
function plainOf(data: PageData): { readonly title: string; readonly plain: string } {
  if (data.kind === 'index') {
    const title = `Findings in ${data.folder}`;
    const rows = data.rows.map(({ title: name, page, of, note = '' }) => {
      const head = page === undefined ? escaped(name) : `<a href="${escaped(page)}">${escaped(name)}</a>`;
      return `<li>${head}<br>${escaped(`${of}${note === '' ? '' : `. ${note}`}`)}</li>`;
    });
    return { title, plain: `<h1>${escaped(title)}</h1><ol>${rows.join('')}</ol>` };
  }
  if (data.kind === 'live') {
    return { title: data.title, plain: `<h1>${escaped(data.title)}</h1><p>This page needs JavaScript.</p>` };
  }
  const plain = data.runs.map(({ trace }) => `<h1>${escaped(trace.title)}</h1>\n<pre>${escaped(trace.columns)}</pre>`);
  if (data.kind === 'report' || data.kind === 'compare') {
    const { title, notes } = data;
    const words = [data.kind === 'report' ? data.verdict : data.summary, ...notes];
    const above = [`<h1>${escaped(title)}</h1>`, ...words.map((sentence) => `<p>${escaped(sentence)}</p>`)];
    return { title, plain: [...above, `<pre>${escaped(tablesText(data))}</pre>`, ...plain].join('\n') };
  }
  const [{ trace }] = data.runs;
  return {
    title: data.runs.length === 1 ? trace.title : `${data.runs.length} findings: ${trace.title} ...`,
    plain: plain.join('\n'),
  };
}

/** The tables as text. */
function tablesText(data: ReportPage | ComparePage): string {
  if (data.kind === 'compare')
    return data.cells.map(({ scenario, scheme, text }) => `${scenario} | ${scheme}: ${text}`).join('\n');
  return data.tables.map((table) => tableLines(table).join('\n')).join('\n\n');
}

function viewerFile(name: string): string {
  const path = builtFile(`#viewer/${name}`);
  if (path === undefined) throw new InputError('faultline: the viewer of pages is not built; run ./scripts/setup.');
  return readFileSync(path, 'utf8').trim();
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Without what could hide or turn text, as in a terminal. JSON that no `</script>` or `<!--` in a text can end; a JSON parser reads the same. */
function jsonInScript(data: PageData): string {
  const json = JSON.stringify(data, (_, value) => (typeof value === 'string' ? plainText(value) : value));
  return json.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return plainText(text).replace(/[&<>"]/g, (character) => names[character]);
}
