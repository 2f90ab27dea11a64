/** Deals the requests of a phase out: to the groups by their shares, evenly mixed, and within a group to its destinations in turn. */
export interface Target {
  readonly group: string;
  /** Base URL of the destination. */
  readonly url: string;
}

/** `urls`: group → base URLs of its destinations. Returns what answers with the target of the next request. */
export function dealTargets(
  shares: Readonly<Record<string, number>>,
  urls: ReadonlyMap<string, readonly string[]>,
): () => Target {
  const hands = Object.entries(shares).map(([group, share]) => ({ group, share, credit: 0, dealt: 0 }));
  const total = hands.reduce((sum, { share }) => sum + share, 0);
  return () => {
    for (const hand of hands) hand.credit += hand.share;
    const next = hands.reduce((richest, hand) => (hand.credit > richest.credit ? hand : richest));
    next.credit -= total;
    const known = urls.get(next.group) ?? [];
    return { group: next.group, url: known[next.dealt++ % known.length] as string };
  };
}
