/** The top of the page: its name, the views, and on the right the stream, the documentation and who is in. */
import { useEffect, useState } from 'preact/hooks';
import { goToLogin, request } from '../api/request.js';
import { formatDistance } from '../format/times.js';
import { formatCount, formatShort } from '../format/numbers.js';
import { TITLES } from './App.js';
import { usePage } from './context.js';
import { formatRoute, VIEWS, type View } from './route.js';
import { useStore } from './store.js';

export function Header() {
  return (
    <header>
      <a class="brand" href={formatRoute('overview')}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M21 3 10.5 13.5M21 3l-6.5 18-4-7.5L3 9.5z" />
        </svg>
        Postback Delivery
      </a>
      <nav aria-label="Views">
        {VIEWS.map((view) => (
          <Tab key={view} view={view} />
        ))}
      </nav>
      <div class="aside">
        <Link />
        <Docs />
        <Who />
      </div>
    </header>
  );
}

function Tab({ view }: { readonly view: View }) {
  const page = usePage();
  const route = useStore(page.route);
  const dead = useStore(page.overview)?.books?.dead ?? 0;
  const isHere = route.view === view || (route.view === 'postback' && view === 'attempts');
  return (
    <a href={formatRoute(view)} aria-current={isHere ? 'page' : undefined}>
      {TITLES[view]}
      {view === 'dead' && dead > 0 && (
        <span class="count" title={`${formatCount(dead)} dead letters`}>
          {formatShort(dead)}
        </span>
      )}
    </a>
  );
}

function Link() {
  const page = usePage();
  const isLive = useStore(page.isLive);
  const at = useStore(page.overview)?.at;
  const now = useStore(page.now);
  const isKnown = at !== undefined;
  const text = !isLive ? 'no news' : isKnown ? 'live' : 'connecting';
  return (
    <span class={`link ${isLive ? (isKnown ? 'live' : '') : 'lost'}`} title={at && `from ${formatDistance(at, now)}`}>
      {text}
    </span>
  );
}

/** The sink is there in the demo and for load tests only. */
function Docs() {
  const [hasSink, setHasSink] = useState(false);
  useEffect(() => {
    fetch('sink/').then(
      (answer) => setHasSink(answer.ok),
      () => undefined,
    );
  }, []);
  return (
    <details class="menu">
      <summary>Docs</summary>
      <div>
        <a href="docs">API</a>
        <a href="docs/pages">All pages</a>
        <a href="openapi.json">openapi.json</a>
        {hasSink && <a href="sink/">What the sink received</a>}
      </div>
    </details>
  );
}

function Who() {
  const session = useStore(usePage().session);
  if (!session || session.kind === 'anyone') return null;
  const logOut = async () => {
    await request('api/session', { method: 'DELETE' }).catch(() => undefined);
    goToLogin();
  };
  return (
    <span class="who">
      {session.kind === 'reader' ? 'Looking only' : 'Operator'}
      <button type="button" class="plain" onClick={() => void logOut()}>
        Log out
      </button>
    </span>
  );
}
