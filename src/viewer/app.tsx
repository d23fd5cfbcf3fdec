/**
 * The frame of every page: what the data is about decides what is shown in it; the address says which run and which step.
 */

import { useEffect, useState } from 'preact/hooks';
import type { PageData, RunsPage } from '../trace/page-data.js';
import { addressOf, type PagePlace, pagePlaceOf } from './address.js';
import { IndexView } from './index-view.js';
import { brokenStep } from './rows.js';
import { RunView } from './run-view.js';

/** The whole page. */
export function App({ data }: { readonly data: PageData }) {
  return (
    <>
      <main>{data.kind === 'index' ? <IndexView page={data} /> : <Runs page={data} />}</main>
      <footer>Written by Faultline. The page loads nothing, and sends nothing.</footer>
    </>
  );
}

function Runs({ page: { runs } }: { readonly page: RunsPage }) {
  const [place, setPlace] = useState<PagePlace>(() => pagePlaceOf(location.hash));
  useEffect(() => {
    const onHash = () => setPlace(pagePlaceOf(location.hash));
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  const at = Math.min(place.run, runs.length - 1);
  const run = runs[at];
  const go = (next: PagePlace) => {
    setPlace(next);
    history.replaceState(null, '', `#${addressOf(next)}`);
  };
  const taken = place.taken ?? (brokenStep(run.trace) ?? -1) + 1;
  return (
    <>
      {runs.length > 1 && (
        <nav class="findings" aria-label="Findings">
          <ol>
            {runs.map(({ trace }, other) => (
              <li key={trace.source.id ?? other}>
                <a
                  href={`#${addressOf({ run: other, taken: undefined }) || 'finding=1'}`}
                  aria-current={other === at ? 'page' : undefined}
                >
                  {trace.title.replace(/^BUG: faultline: /, '')}
                </a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <RunView key={at} run={run} taken={taken} go={(step) => go({ run: at, taken: step })} />
    </>
  );
}
