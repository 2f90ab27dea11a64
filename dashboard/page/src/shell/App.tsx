/** The frame of the page: where one can go, how the stream is, what must be known first, and the view. */
import { useEffect, useRef } from 'preact/hooks';
import { AttemptsView } from '../attempts/AttemptsView.js';
import { DeadView } from '../dead/DeadView.js';
import { DestinationsView } from '../destinations/DestinationsView.js';
import { OverviewView } from '../overview/OverviewView.js';
import { SendView } from '../send/SendView.js';
import { StoryView } from '../story/StoryView.js';
import { BannerList } from './BannerList.js';
import { usePage } from './context.js';
import { Header } from './Header.js';
import { formatRoute, type Route } from './route.js';
import { useStore } from './store.js';

export const TITLES: Readonly<Record<Route['view'], string>> = {
  overview: 'Overview',
  destinations: 'Destinations',
  attempts: 'Attempts',
  dead: 'Dead letters',
  send: 'Send',
  postback: 'Postback',
};

export function App() {
  const route = useStore(usePage().route);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(route.view);
  useEffect(() => {
    document.title = `${TITLES[route.view]} – Postback Delivery`;
    if (shown.current === route.view) return;
    shown.current = route.view;
    // Who goes by keyboard or hears the page goes on where the new view begins.
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [route.view, route.id]);
  const skip = (event: Event) => {
    event.preventDefault(); // the address names the view, not a place in it
    main.current?.focus();
  };
  return (
    <>
      <a class="skip" href={formatRoute('overview')} onClick={skip}>
        Skip to the content
      </a>
      <Header />
      <main ref={main} tabIndex={-1} aria-label={TITLES[route.view]}>
        <BannerList />
        <ViewOf route={route} />
      </main>
    </>
  );
}

function ViewOf({ route }: { readonly route: Route }) {
  switch (route.view) {
    case 'overview':
      return <OverviewView />;
    case 'destinations':
      return <DestinationsView />;
    case 'attempts':
      return <AttemptsView />;
    case 'dead':
      return <DeadView />;
    case 'send':
      return <SendView />;
    case 'postback':
      return <StoryView key={route.id} id={route.id} />;
  }
}
