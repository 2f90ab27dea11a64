/** The cookie of a browser that has logged in. Scripts cannot read it, and no other site can make the browser send it. */
import type { Request, Response } from 'express';

const NAME = 'postback_session';

/** The cookie's text; `undefined` when there is none. */
export function readCookie({ headers }: Request): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
}

export function setCookie(request: Request, response: Response, text: string, maxAgeMs: number): void {
  const isSecure = request.get('X-Forwarded-Proto') === 'https';
  response.cookie(NAME, text, { httpOnly: true, sameSite: 'strict', path: '/', secure: isSecure, maxAge: maxAgeMs });
}

export function clearCookie(request: Request, response: Response): void {
  setCookie(request, response, '', 0);
}
