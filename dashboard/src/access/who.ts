/** Who asks: kept with the answer by the door (identify.ts), read by whoever has to know. */
import type { Request, Response } from 'express';

/** `operator` may do all, `reader` only look; `anyone` is everybody while no token is set. */
export type WhoKind = 'operator' | 'reader' | 'anyone';

export interface Who {
  readonly kind: WhoKind;
  /** When the login ends; `undefined` for who presents the token each time. */
  readonly expiresAt: number | undefined;
}

export function remember(response: Response, who: Who): void {
  response.locals['who'] = who;
}

/** `undefined`: nobody who may come in. */
export function whoIs(response: Response): Who | undefined {
  return response.locals['who'] as Who | undefined;
}

const MAX_ADDRESS = 64;

/** nginx sets X-Forwarded-For itself, to the client's address; who comes by another way has none. */
export function remoteAddressOf(request: Request): string {
  const forwarded = request.get('X-Forwarded-For')?.split(',')[0]?.trim();
  return (forwarded || request.socket.remoteAddress || 'unknown').slice(0, MAX_ADDRESS);
}

export function isChange({ method }: Request): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}
