/**
 * Receives one answer from undici and keeps little of it: status, headers, the first bytes. The whole exchange has one
 * deadline, from dispatch to last byte; a longer body is cut. Ends exactly once, with an answer or a TransportError.
 */
import type { Dispatcher } from 'undici';
import type { Member } from '../roster.js';
import type { ConnectTimings } from './connector.js';
import { toTransportError, TransportError } from './transportError.js';

/** More of an answer is not read: nobody needs it, and it may never end. */
const READ_LIMIT_BYTES = 64 * 1024;
/** More of an answer is not kept. */
const KEEP_LIMIT_BYTES = 2 * 1024;

export interface Phases extends Partial<ConnectTimings> {
  readonly firstByteMs?: number;
  readonly totalMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The first 2 KiB, as text. */
  readonly body: string;
  /** The body went on after what was kept. */
  readonly isTruncated: boolean;
  readonly phases: Phases;
}

interface HandlerDeps {
  readonly timeoutMs: number;
  readonly takeTimings: () => ConnectTimings | undefined;
  readonly onEnd: (outcome: Answer | TransportError) => void;
}

export class AnswerHandler implements Dispatcher.DispatchHandler, Member {
  place = -1;
  private readonly startedAt = performance.now();
  private readonly deadline: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private timings: ConnectTimings | undefined;
  private firstByteAt = 0;
  private status = 0;
  private headers: Answer['headers'] = {};
  private readonly chunks: Buffer[] = [];
  private keptBytes = 0;
  private readBytes = 0;
  private ended = false;

  constructor(private readonly deps: HandlerDeps) {
    const { timeoutMs } = deps;
    this.deadline = setTimeout(
      () => this.abort(new TransportError('timeout', `no full answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
  }

  /** The request has been handed to a socket: false means it still waits for a connection, and nothing was sent. */
  get isSent(): boolean {
    return this.controller !== undefined;
  }

  /** True when the request went out on a connection that had been used before. */
  get isReused(): boolean {
    return this.isSent && this.timings === undefined;
  }

  get hasAnswer(): boolean {
    return this.firstByteAt !== 0;
  }

  /** Ends the attempt with `error`; a request that was not sent yet will not be. */
  abort(error: TransportError): void {
    this.end(error);
    this.controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.timings = this.deps.takeTimings();
    if (this.ended) controller.abort(new TransportError('aborted', 'the attempt had ended before it was sent'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Answer['headers']): void {
    if (status < 200) return; // informational answers precede the real one (RFC 9110, 15.2)
    this.firstByteAt = performance.now();
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.readBytes += chunk.length;
    const room = KEEP_LIMIT_BYTES - this.keptBytes;
    if (room > 0) {
      this.chunks.push(chunk.subarray(0, room));
      this.keptBytes += Math.min(room, chunk.length);
    }
    if (this.readBytes <= READ_LIMIT_BYTES) return;
    this.end(this.answer());
    controller.abort(new TransportError('aborted', 'the rest of the answer is not read'));
  }

  onResponseEnd(): void {
    this.end(this.answer());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(toTransportError(error));
  }

  phases(): Phases {
    const firstByte = this.hasAnswer ? { firstByteMs: this.firstByteAt - this.startedAt } : {};
    return { ...this.timings, ...firstByte, totalMs: performance.now() - this.startedAt };
  }

  private answer(): Answer {
    const body = Buffer.concat(this.chunks).toString('utf8');
    const isTruncated = this.readBytes > this.keptBytes;
    return { status: this.status, headers: this.headers, body, isTruncated, phases: this.phases() };
  }

  private end(outcome: Answer | TransportError): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.deadline);
    this.deps.onEnd(outcome);
  }
}
