/**
 * The frame of every page: what the data is about decides what is shown in it; the address says which run and which step.
 */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageData, RunsPage } from '../trace/page-data.js';
import { isPlaceOfRun, type PagePlace, pageAddressOf, pagePlaceOf } from './address.js';
import { CompareView } from './compare-view.js';
import { IndexView } from './index-view.js';
import { ReportView } from './report-view.js';
import { brokenStep } from './rows.js';
import { RunView } from './run-view.js';

/** The whole page. */
export function App({ data }: { readonly data: PageData }) {
  return (
    <>
      <main>
        <Content data={data} />
      </main>
      <footer>Written by Faultline. The page loads nothing, and sends nothing.</footer>
    </>
  );
}

function Content({ data }: { readonly data: PageData }) {
  switch (data.kind) {
    case 'index':
      return <IndexView page={data} />;
    case 'runs':
      return <Runs page={data} />;
    case 'report':
      return (
        <Overviewed runs={data.runs} name="the report">
          <ReportView page={data} />
        </Overviewed>
      );
    case 'compare':
      return (
        <Overviewed runs={data.runs} name="the table">
          <CompareView page={data} />
        </Overviewed>
      );
    case 'live':
      // A page that is served has a script of its own.
      return null;
  }
}

interface OverviewedProps {
  readonly runs: RunsPage['runs'];
  readonly name: string;
  readonly children: ComponentChildren;
}

/** An overview, or one of the runs that it leads to. */
function Overviewed({ runs, name, children }: OverviewedProps) {
  const [isRun, setRun] = useState(() => isPlaceOfRun(location.hash));
  useEffect(() => {
    const onHash = () => setRun(isPlaceOfRun(location.hash));
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  if (!isRun || runs.length === 0) return <>{children}</>;
  return (
    <>
      <p class="back">
        <a href="#all">Back to {name}</a>
      </p>
      <Runs page={{ kind: 'runs', runs }} />
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
    history.replaceState(null, '', `#${pageAddressOf(next)}`);
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
                  href={`#${pageAddressOf({ run: other, taken: undefined }) || 'finding=1'}`}
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
