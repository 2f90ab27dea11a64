/** What the doctor looks at, gathered before anything is judged. Whatever could not be had is a fact too. */
import type { ShownOverview } from '../overview/showOverview.js';

export interface ServiceFacts {
  readonly name: string;
  /** `undefined`: it does not answer. */
  readonly isReady: boolean | undefined;
  /** Why it is not ready, or does not answer. */
  readonly reasons: readonly string[];
  /** What it says in figures; empty when it has none. */
  readonly figures: readonly Figure[];
}

/** A sample of /metrics. */
export interface Figure {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface DestinationFacts {
  readonly destination: string;
  readonly state: string;
  readonly parked: number;
  readonly oldestSeconds?: number;
}

export type CertificateFacts =
  { readonly kind: 'certificate'; readonly validTo: number } | { readonly kind: 'fault'; readonly detail: string };

export interface Facts {
  /** This machine's clock when the overview was asked for, half way, ms. */
  readonly now: number;
  readonly version: string;
  /** A text: why the dashboard could not be asked. */
  readonly overview: ShownOverview | string;
  readonly destinations: readonly DestinationFacts[];
  readonly services: readonly ServiceFacts[];
  /** `undefined`: no TLS here. */
  readonly certificate: CertificateFacts | undefined;
  /** As HTTP_BIND. */
  readonly bind: string;
}

export interface Finding {
  /** `bad`: something does not work, or soon will not; `attention`: somebody should know. */
  readonly level: 'bad' | 'attention';
  readonly what: string;
  /** What to do next. */
  readonly next: string;
}
