/** What every view gets: the newest overview, whether the stream lives, who looks, and where in the page we are. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Attempt, Overview, Session } from '../api/types.js';
import type { Draft } from '../send/draft.js';
import type { Route } from './route.js';
import type { Store } from './store.js';

export interface Follower {
  /** Gets each new attempt that fits. */
  readonly hear: (attempts: readonly Attempt[]) => void;
  /** What came before has to be read now; also after the stream was broken. */
  readonly catchUp: () => void;
}

export interface Page {
  readonly overview: Store<Overview | undefined>;
  readonly isLive: Store<boolean>;
  readonly session: Store<Session | undefined>;
  readonly route: Store<Route>;
  /** The time, once a second. */
  readonly now: Store<number>;
  /** What was typed into the form of the view Send. */
  readonly draft: Store<Draft>;
  /** Until the returned function is called. One listener at a time. */
  followAttempts(query: string, follower: Follower): () => void;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('a view stands outside of the page');
  return page;
}
