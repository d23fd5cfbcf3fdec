/** Pages: one file, whose policy allows what is in it and nothing else, and whose data no text in it can break out of. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { htmlPageOf } from '../../src/report/page.js';
import type { RunOnPage } from '../../src/trace/page-data.js';
import type { TraceDocument } from '../../src/trace/public.js';

const evil = '</script><script>alert(1)</script><!-- \u202e';

const trace: TraceDocument = {
  schema: 'faultline.trace/1',
  title: `BUG: faultline: leak in ${evil}`,
  source: { engine: 'controlled' },
  order: 'total',
  actors: [{ name: 'one', calls: ['add'] }],
  machines: [],
  cells: [],
  steps: [{ actor: 0, call: 0, text: evil, frames: [] }],
  conflicts: [],
  columns: `one\n${evil}`,
};

const page = htmlPageOf({ kind: 'runs', runs: [{ trace }] });

describe('a page', () => {
  it('allows its own scripts and its style by their hashes, and nothing else', () => {
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const texts = (tag: RegExp) => [...page.matchAll(tag)].map(([, text]) => hash(text));
    const scripts = texts(/<script>([\s\S]*?)<\/script>/g);
    const [style] = texts(/<style>([\s\S]*?)<\/style>/g);
    expect(scripts).toHaveLength(1);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${scripts.join(' ')}`,
      `style-src ${style}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it('names no address that it could load', () => {
    const addresses = page.match(/\b(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/gi) ?? [];
    // Names of XML vocabularies, which nobody fetches.
    expect(addresses.filter((address) => !address.endsWith('//www.w3.org'))).toEqual([]);
  });

  it('keeps every text where it belongs, and shows what would hide or turn it', () => {
    const [, json] = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page) ?? [];
    const shown = evil.replace('\u202e', '\\u202e');
    expect(JSON.parse(json).runs[0].trace.steps[0].text).toBe(shown);
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('\u202e');
    expect(page).toContain('<pre>one\n&lt;/script&gt;');
  });

  it('carries the engine only where steps can be tried', () => {
    const engine = 'faultlineTry=';
    expect(page).not.toContain(engine);
    const trying: RunOnPage['trying'] = {
      ...{ scenario: {}, scheme: 'v2-hook-every-fault', kept: [], builtIn: true },
      token: { scenario: 'a', scheme: 'b', settings: {}, parts: { scenario: '', scheme: '', layout: '' } },
    };
    expect(htmlPageOf({ kind: 'runs', runs: [{ trace, trying }] })).toContain(engine);
    expect(htmlPageOf({ kind: 'runs', runs: [{ trace, trying: 'It cannot be tried.' }] })).not.toContain(engine);
  });

  it('weighs less than 80 kB without data and engine', () => {
    expect(page.length).toBeLessThan(80_000);
  });
});
