/**
 * Which view is shown, with which filters: all of it stands behind the # of the address, so that it can be shared and gone back to, and
 * is never sent to a server, whose logs would keep it. Pure.
 */

export const VIEWS = ['overview', 'destinations', 'attempts', 'dead', 'send'] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  readonly view: View | 'postback';
  /** Of the postback. */
  readonly id: string;
  readonly filter: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [view = '', id = ''] = path.split('/', 2).map(decode);
  const filter = Object.fromEntries(new URLSearchParams(query));
  if (view === 'postback' && id !== '') return { view, id, filter };
  const known = VIEWS.find((name) => name === view);
  return { view: known ?? 'overview', id: '', filter: known ? filter : {} };
}

/** What is empty is left out. */
export function formatRoute(view: Route['view'], filter: Readonly<Record<string, string>> = {}, id = ''): string {
  const given = Object.entries(filter).filter(([, value]) => value !== '');
  const query = new URLSearchParams(given).toString();
  const path = id === '' ? view : `${view}/${encodeURIComponent(id)}`;
  return `#/${path}${query === '' ? '' : `?${query}`}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
