/**
 * The script of a page: draws what its data says in place of the text that stands there for printers and for browsers
 * without scripts.
 */

import { render } from 'preact';
import type { PageData } from '../trace/page-data.js';
import { App } from './app.js';

const data: PageData = JSON.parse(document.getElementById('data')!.textContent!);
document.documentElement.classList.add('drawn');
render(<App data={data} />, document.getElementById('app')!);
