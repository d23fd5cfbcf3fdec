/**
 * Conform mutations: forges recorded traces in many ways and prints, for each kind of forgery, how many are refused, and how
 * far behind the forged line.
 *
 *   scripts/conform-mutations [--per-kind N] [--seed N] [--kind NAME] [--traces DIR] [TRACE...]
 *
 * Defaults: 50 of a kind, seed 1, all kinds, the traces in ../shared/traces beside the repository, i3, i4 and e1 of them.
 * What is forged is drawn from the seed; a kind of which a trace has fewer places gives all of them. A forgery that says
 * nothing false (neighbours that commute) is rightly explained: of `swap` only the share is told.
 *
 * Exit status: 0 when every kind is refused as often as it has to be, 1 when one is not, 2 for wrong input.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '../dist/src/core/random.js';
import { conformTrace } from '../dist/src/gmem/ftrace/conform-trace.js';
import { EVENT_TABLE } from '../dist/src/gmem/ftrace/event-table.js';
import { readTraceText } from '../dist/src/gmem/ftrace/trace-lines.js';
import { builtinSchemes } from '../dist/src/gmem/schemes/builtin-schemes.js';
import { scriptOptions } from './script-options.mjs';
import { tableLines } from './table.mjs';

const NAMES = ['i3', 'i4', 'e1'];
const MAINLINE = builtinSchemes.find(({ name }) => name === 'v2-hook-every-fault');

/** What a kind does to the lines, at a place of which it says whether it fits; and the share that has to be refused. */
const KINDS = {
  'forged seq': {
    least: 0.95,
    ...forging(/\b(seq|mmu_seq|kseq)=(\d+)/, (value, random) => value + 1 + random.below(3)),
  },
  'forged count': { least: 0.95, ...forging(/\b(inprog)=(\d+)/, (value) => value + 1) },
  'forged range': {
    least: 0.95,
    ...forging(
      /\b(rs|re|start|end)=(0x[0-9a-f]{1,8}|\d+)\b/,
      (value, random) => value + 1 + random.below(4),
      /^(inv_|unmap_|ginv_)/,
    ),
  },
  'forged pfn': {
    least: 0.95,
    ...forging(/\b(pfn)=(0x[0-9a-f]{1,8})\b/, (value, random) => value + 1 + random.below(64), undefined, isOfFile),
  },
  'forged verdict': {
    least: 0.95,
    ...forging(
      /\b(ret)=(\d)\b/,
      (value) => (value === 0 ? 1 : value === 1 ? 0 : value === 5 ? 1 : 5),
      /^(stale_out|pf_out|map_out|faultin_out)$/,
    ),
  },
  'dropped zap': { least: 0.95, ...dropping((line) => line.event === 'kvm_tdp_mmu_spte_changed' && isZap(line)) },
  'dropped deletion': { least: 0.95, ...dropping((line) => line.event === 'mm_filemap_delete_from_page_cache') },
  'dropped flush': {
    least: 0.95,
    fits: (lines, at) => lines[at].event === 'flush_in',
    forge: (lines, at) => without(lines, [at, next(lines, at, (line) => line.event === 'flush_out')]),
  },
  'dropped fault': { least: 0.95, fits: isWholeFault, forge: (lines, at) => without(lines, faultAround(lines, at)) },
  'completed stale fault': { least: 1, fits: (lines, at) => isStale(lines, at), forge: complete },
  'map after zap': {
    least: 1,
    fits: (lines, at) => lateMap(lines, at) !== undefined,
    forge: (lines, at) => lateMap(lines, at)(),
  },
  'two holders': {
    least: 1,
    fits: (lines, at) => overlap(lines, at) !== undefined,
    forge: (lines, at) => overlap(lines, at)(),
  },
  'double add': {
    least: 1,
    fits: (lines, at) => addAgain(lines, at) !== undefined,
    forge: (lines, at) => addAgain(lines, at)(),
  },
  'end before truncation': {
    least: 1,
    fits: (lines, at) => earlyEnd(lines, at) !== undefined,
    forge: (lines, at) => earlyEnd(lines, at)(),
  },
  'dropped event': {
    least: 0.9,
    fits: (lines, at) => isInScope(lines[at]),
    forge: (lines, at) => without(lines, [at]),
  },
  swap: {
    least: 0,
    fits: (lines, at) =>
      at + 1 < lines.length && isInScope(lines[at]) && isInScope(lines[at + 1]) && lines[at].pid !== lines[at + 1].pid,
    forge: (lines, at) =>
      retimed(lines, [
        [at, lines[at + 1].time],
        [at + 1, lines[at].time],
      ]),
  },
};

const options = readOptions();
const rows = [['trace', 'kind', 'refused', 'of', 'share', 'lines behind (median)', 'before']];
const totals = new Map();
let isShort = false;
for (const file of options.files) {
  const trace = readTraceText(gunzipSync(readFileSync(join(options.traces, file))).toString());
  const first = trace.lines.findIndex(({ event }) => event === 'kvm_entry');
  for (const [kind, what] of Object.entries(KINDS)) {
    if (options.kind !== undefined && kind !== options.kind) continue;
    const row = await rowOf(trace, first, kind, what);
    rows.push([file.split('-')[0], kind, ...row]);
    process.stderr.write(`${rows.at(-1).join('  ')}\n`);
  }
}
process.stdout.write(`${tableLines(rows).join('\n')}\n`);
for (const [kind, { refused, of }] of totals) {
  const { least } = KINDS[kind];
  if (of > 0 && refused / of < least) {
    isShort = true;
    process.stdout.write(`${kind}: ${refused} of ${of} are refused; ${least * 100} % have to be\n`);
  }
}
process.exitCode = isShort ? 1 : 0;

async function rowOf(trace, first, kind, { fits, forge }) {
  const random = new Random(BigInt(options.seed));
  const places = trace.lines.map((_, at) => at).filter((at) => at > first && fits(trace.lines, at));
  const chosen = [];
  for (let count = Math.min(options.perKind, places.length); count > 0; count--)
    chosen.push(...places.splice(random.below(places.length), 1));
  let refused = 0;
  let before = 0;
  const distances = [];
  for (const at of chosen) {
    const lines = forge(trace.lines, at, random).toSorted((one, other) => one.time - other.time);
    const report = await conformTrace({ ...trace, lines }, { scheme: MAINLINE });
    if (report.verdict !== 'refused') continue;
    refused++;
    // In events of the forged trace: how many stand between what was forged and what is refused.
    const forged = lines.findIndex((line) => line.line >= trace.lines[at].line && line.time >= trace.lines[at].time);
    const refusedAt = lines.findIndex(
      ({ line, time }) => line === report.refusal.event.line && time === report.refusal.event.time,
    );
    const distance = lines.slice(Math.min(forged, refusedAt), Math.max(forged, refusedAt)).filter(isInScope).length;
    distances.push(refusedAt < forged ? -distance : distance);
    if (refusedAt < forged) before++;
  }
  const total = totals.get(kind) ?? { refused: 0, of: 0 };
  totals.set(kind, { refused: total.refused + refused, of: total.of + chosen.length });
  distances.sort((one, other) => one - other);
  const share = chosen.length === 0 ? '' : `${((refused / chosen.length) * 100).toFixed(0)} %`;
  return [refused, chosen.length, share, distances[distances.length >> 1] ?? '', before];
}

/** A kind that changes a number of a line. */
function forging(field, change, events = /./, isRight = () => true) {
  return {
    fits: (lines, at) =>
      isInScope(lines[at]) && events.test(lines[at].event) && field.test(lines[at].text) && isRight(lines, at),
    forge(lines, at, random) {
      const fields = [...lines[at].text.matchAll(new RegExp(field, 'g'))];
      const [whole, key, value] = fields[random.below(fields.length)];
      const forged = change(Number(value), random);
      const text = lines[at].text.replace(
        whole,
        `${key}=${value.startsWith('0x') ? `0x${forged.toString(16)}` : forged}`,
      );
      return lines.with(at, { ...lines[at], text });
    },
  };
}

/** A kind that leaves a line out. */
function dropping(is) {
  return { fits: (lines, at) => isInScope(lines[at]) && is(lines[at]), forge: (lines, at) => without(lines, [at]) };
}

function isInScope({ event, text }) {
  if (!EVENT_TABLE.has(event) || event === 'folio_unlock') return false;
  if (event.startsWith('mmul_') || event.startsWith('down_') || event.startsWith('up_')) return /kvm_/.test(text);
  if (event === 'kvm_unmap_hva_range') return false;
  return event !== 'kvm_tdp_mmu_spte_changed' || / level 1 /.test(text);
}

function isZap({ text }) {
  return /new_spte 8000000000000000/.test(text) && / level 1 /.test(text);
}

/** Whether a fault is on a page of the file: pfns of other memory the model does not have. */
function isOfFile(lines, at) {
  const { pid, text } = lines[at];
  if (/ofs=/.test(text)) return true;
  const begin = previous(lines, at, (line) => line.pid === pid && line.event === 'pf_in');
  return begin >= 0 && /gfn=0x1[0-9a-f]{4}\b/.test(lines[begin].text);
}

function next(lines, at, is) {
  const { pid } = lines[at];
  for (let place = at + 1; place < lines.length; place++)
    if (lines[place].pid === pid && is(lines[place])) return place;
  return -1;
}

function previous(lines, at, is) {
  for (let place = at; place >= 0; place--) if (is(lines[place])) return place;
  return -1;
}

function without(lines, places) {
  return lines.filter((_, at) => !places.includes(at));
}

function retimed(lines, times) {
  const changed = [...lines];
  for (const [at, time] of times) changed[at] = { ...lines[at], time };
  return changed;
}

/** A fault that maps a page of the file, from the vCPU's exit to its entry. */
function isWholeFault(lines, at) {
  return (
    lines[at].event === 'kvm_tdp_mmu_spte_changed' &&
    !isZap(lines[at]) &&
    / level 1 /.test(lines[at].text) &&
    isOfFile(lines, at)
  );
}

function faultAround(lines, at) {
  const { pid } = lines[at];
  const from = previous(lines, at, (line) => line.pid === pid && line.event === 'kvm_exit');
  const to = next(lines, at, (line) => line.event === 'kvm_entry');
  return lines.flatMap((line, place) => (line.pid === pid && place >= from && place <= to ? [place] : []));
}

function isStale(lines, at) {
  return lines[at].event === 'stale_out' && /ret=1\b/.test(lines[at].text) && isOfFile(lines, at);
}

/** The fault goes on as if it were not stale. */
function complete(lines, at) {
  const { pid, time, text } = lines[at];
  const end = next(lines, at, (line) => line.event === 'pf_out');
  const unlock = next(lines, at, (line) => line.event === 'mmul_raw_read_unlock');
  const until = lines[unlock < 0 ? end : unlock].time;
  const gfn = /gfn=(0x[0-9a-f]+)/.exec(text)[1];
  const faultin = previous(lines, at, (line) => line.pid === pid && line.event === 'faultin_out');
  const pfn = /pfn=(0x[0-9a-f]+)/.exec(lines[faultin].text)[1];
  const step = (until - time) / 5;
  const line = (event, place, words) => ({
    ...lines[at],
    event,
    time: time + Math.max(1, Math.floor(step * place)),
    text: words,
  });
  const changed = [...lines];
  changed[at] = { ...lines[at], text: text.replace('ret=1', 'ret=0') };
  changed[end] = { ...lines[end], text: lines[end].text.replace('ret=1', 'ret=5') };
  const [page, frame] = [gfn.slice(2), pfn.slice(2)];
  return [
    ...changed,
    line('map_in', 1, `gfn=${gfn} pfn=${pfn} wr=1`),
    line('kvm_tdp_mmu_spte_changed', 2, `as id 0 gfn ${page} level 1 old_spte 8000000000000000 new_spte ${frame}e67`),
    line('kvm_mmu_set_spte', 3, `gfn ${page} spte ${frame}e67 (rwxu) level 1 at 0`),
    line('map_out', 4, `ret=5 gfn=${gfn} pfn=${pfn}`),
  ];
}

/** A fault that is done before a zap of its page is moved behind it, from where it takes mmu_lock on. */
function lateMap(lines, at) {
  if (lines[at].event !== 'kvm_tdp_mmu_spte_changed' || !isZap(lines[at])) return undefined;
  const gfn = / gfn ([0-9a-f]+) /.exec(lines[at].text)[1];
  const map = previous(
    lines,
    at - 1,
    (line) => line.event === 'kvm_tdp_mmu_spte_changed' && line.text.includes(` gfn ${gfn} level 1 old_spte 8000`),
  );
  if (map < 0) return undefined;
  const { pid } = lines[map];
  const from = previous(lines, map, (line) => line.pid === pid && line.event === 'mmul_raw_read_lock_in');
  const unlock = next(lines, at, (line) => line.event === 'mmul_raw_write_unlock');
  const lock = next(lines, unlock, (line) => line.event === 'mmul_raw_write_lock_in');
  if (from < 0 || lock < 0 || lines[at].pid === pid || at - map > 400) return undefined;
  // All that the task does until then comes later with it.
  const own = lines.flatMap((line, place) => (line.pid === pid && place >= from && place < lock ? [place] : []));
  const [start, end] = [lines[unlock].time, lines[lock].time];
  if (end - start <= own.length) return undefined;
  return () =>
    retimed(
      lines,
      own.map((place, order) => [place, start + Math.floor(((order + 1) * (end - start)) / (own.length + 1))]),
    );
}

/** Who releases mmu_lock does so only once the next has it. */
function overlap(lines, at) {
  if (lines[at].event !== 'mmul_raw_write_unlock' || !/kvm_|_raw_write/.test(lines[at].text)) return undefined;
  const taken = lines.findIndex(
    (line, place) => place > at && /^mmul_raw_(read|write)_lock_out$/.test(line.event) && /kvm_/.test(line.text),
  );
  if (taken < 0 || lines[taken].pid === lines[at].pid) return undefined;
  const own = next(lines, at, () => true);
  const released = next(lines, taken, () => true);
  if (own < 0 || released < 0 || own < taken) return undefined;
  const until = Math.min(lines[own].time, lines[released].time);
  if (until - lines[taken].time < 2) return undefined;
  return () => retimed(lines, [[at, lines[taken].time + 1]]);
}

/** A lookup that finds a folio inserts it once more. */
function addAgain(lines, at) {
  if (lines[at].event !== 'get_folio_in') return undefined;
  const out = next(lines, at, () => true);
  if (out < 0 || lines[out].event !== 'get_folio_out') return undefined;
  const index = Number(/index=(\d+)/.exec(lines[at].text)?.[1]);
  const add = previous(
    lines,
    at,
    (line) => line.event === 'mm_filemap_add_to_page_cache' && line.text.includes(`ofs=${index * 4096} `),
  );
  if (add < 0) return undefined;
  return () => [
    ...lines,
    {
      ...lines[add],
      pid: lines[at].pid,
      comm: lines[at].comm,
      line: lines[at].line,
      time: Math.floor((lines[at].time + lines[out].time) / 2),
    },
  ];
}

/** The invalidation ends before the pages are truncated. */
function earlyEnd(lines, at) {
  if (lines[at].event !== 'trunc_in') return undefined;
  const { pid } = lines[at];
  const before = previous(lines, at - 1, (line) => line.pid === pid);
  const out = next(lines, at, (line) => line.event === 'trunc_out');
  const up = next(lines, at, (line) => line.event === 'up_write' || line.event === 'fallocate_out');
  if (out < 0 || up < 0 || before < 0) return undefined;
  const removes = lines
    .slice(at, out)
    .some((line) => line.pid === pid && line.event === 'mm_filemap_delete_from_page_cache');
  if (!removes) return undefined;
  const end = lines.flatMap((line, place) => (line.pid === pid && place > out && place < up ? [place] : []));
  const [start, until] = [lines[before].time, lines[at].time];
  if (until - start <= end.length + 1) return undefined;
  return () =>
    retimed(
      lines,
      end.map((place, order) => [place, start + Math.floor(((order + 1) * (until - start)) / (end.length + 1))]),
    );
}

function readOptions() {
  const { values, positionals, refuse, whole } = scriptOptions('scripts/conform-mutations', {
    options: {
      'per-kind': { type: 'string' },
      seed: { type: 'string' },
      kind: { type: 'string' },
      traces: { type: 'string', default: new URL('../../shared/traces', import.meta.url).pathname },
    },
    allowPositionals: true,
  });
  const { traces, kind } = values;
  if (!existsSync(traces)) refuse(`there is no folder ${traces}`);
  if (kind !== undefined && KINDS[kind] === undefined) {
    refuse(`there is no kind "${kind}"; the kinds are ${Object.keys(KINDS).join(', ')}`);
  }
  const known = readdirSync(traces).filter((name) => name.endsWith('.trace.txt.gz'));
  const wanted = positionals.length === 0 ? NAMES : positionals;
  const files = wanted.map(
    (name) =>
      known.find((file) => file === name || file.startsWith(`${name}-`)) ??
      refuse(`there is no trace "${name}" in ${traces}`),
  );
  return {
    traces,
    kind,
    files,
    perKind: whole('--per-kind', values['per-kind'], 50),
    seed: whole('--seed', values.seed, 1),
  };
}
