/** The books: where every postback is that was ever accepted, and that nothing is missing. */
import type { Books } from '../api/types.js';
import { formatCount } from '../format/numbers.js';
import { usePage } from '../shell/context.js';
import { formatRoute } from '../shell/route.js';
import { useStore } from '../shell/store.js';

/** With what each one means, for who has not met the word. */
const PLACES: readonly (readonly [keyof Books, string])[] = [
  ['delivered', 'arrived'],
  ['waiting', 'queued, sent as soon as a worker is free'],
  ['pending', 'in the hands of a worker'],
  ['delayed', 'waits for its time'],
  ['parked', 'waits until its destination may be called again'],
  ['dead', 'will not be tried again'],
  ['purged', 'dead letters that were removed'],
  ['trimmed', 'dead letters that became too old or too many'],
  ['cancelled', 'cancelled by an operator'],
];

export function BooksStrip() {
  const overview = useStore(usePage().overview);
  const books = overview?.books;
  return (
    <section class="card books" aria-label="The books">
      <p class="sum">
        <span data-name="accepted">
          <b>{books ? formatCount(books.accepted) : '–'}</b> accepted
        </span>{' '}
        =
      </p>
      <dl>
        {PLACES.map(([name, meaning]) => (
          <div key={name} data-name={name} class={books && books[name] > 0 ? 'some' : ''} title={meaning}>
            <dt>{name === 'dead' ? <a href={formatRoute('dead')}>dead</a> : name}</dt>
            <dd>{books ? formatCount(books[name]) : '–'}</dd>
          </div>
        ))}
      </dl>
      <Verdict books={books} unaccounted={overview?.unaccounted} />
    </section>
  );
}

function Verdict({ books, unaccounted }: { readonly books?: Books | null; readonly unaccounted?: number | null }) {
  if (!books) return <p class="verdict">Not known now.</p>;
  if (unaccounted) return <p class="verdict off">Off by {formatCount(unaccounted)}</p>;
  return <p class="verdict even">The books balance.</p>;
}
