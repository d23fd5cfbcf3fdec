/**
 * The script of the live page: draws a run under way from the events that its server sends.
 */

import { render } from 'preact';
import type { PageData } from '../trace/page-data.js';
import { LiveView } from './live-view.js';

const data: PageData = JSON.parse(document.getElementById('data')!.textContent!);
document.documentElement.classList.add('drawn');
render(
  <main>
    <LiveView title={data.kind === 'live' ? data.title : ''} />
  </main>,
  document.getElementById('app')!,
);
