/** A state or an outcome: the word, and a colour that only underlines it. */
const KINDS: Readonly<Record<string, string>> = {
  delivered: 'good',
  called: 'good',
  done: 'good',
  dead: 'bad',
  broken: 'bad',
  retry: 'warn',
  delayed: 'warn',
  parked: 'warn',
  paused: 'warn',
  held: 'warn',
  probing: 'warn',
  cancelled: 'calm',
  running: 'calm',
  ready: 'good',
  'not ready': 'bad',
  silent: 'bad',
};

export function Chip({ word, title }: { readonly word: string; readonly title?: string }) {
  return (
    <span class={`chip ${KINDS[word] ?? ''}`} title={title}>
      {word}
    </span>
  );
}
