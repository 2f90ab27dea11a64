/** Wires the page: the stream, the address, the session, and what is shown. */
import './styles/page.css';
import { render } from 'preact';
import { goToLogin, request } from './api/request.js';
import { startStream } from './api/stream.js';
import type { Overview, Session } from './api/types.js';
import { emptyDraft, type Draft } from './send/draft.js';
import { App } from './shell/App.js';
import { PageContext, type Follower, type Page } from './shell/context.js';
import { parseRoute, type Route } from './shell/route.js';
import { createStore } from './shell/store.js';

const overview = createStore<Overview | undefined>(undefined);
const isLive = createStore(true);
const session = createStore<Session | undefined>(undefined);
const route = createStore<Route>(parseRoute(location.hash));
const now = createStore(Date.now());
const draft = createStore<Draft>(emptyDraft);
let follower: Follower | undefined;

const askWho = () =>
  request<Session>('api/session').then(
    (found) => session.set(found),
    () => undefined,
  );
const stream = startStream({
  onOverview: (news) => overview.set(news),
  onAttempts: (attempts) => follower?.hear(attempts),
  onSteady: () => follower?.catchUp(),
  onLink: (alive) => isLive.set(alive),
  onRefused: () => void askWho(), // leads to the login page when that is why
});
const page: Page = {
  overview,
  isLive,
  session,
  route,
  now,
  draft,
  followAttempts: (query, next) => {
    follower = next;
    stream.listenTo(query);
    return () => {
      if (follower !== next) return;
      follower = undefined;
      stream.listenTo('');
    };
  },
};

addEventListener('hashchange', () => route.set(parseRoute(location.hash)));
setInterval(() => {
  now.set(Date.now());
  const until = session.get()?.expiresAt;
  if (until && Date.parse(until) < Date.now()) goToLogin();
}, 1_000);
void askWho();
render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.getElementById('page') as HTMLElement,
);
