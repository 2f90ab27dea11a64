/** The kinds of option the command line is made of. Each throws a UsageError that names the option and what it expected. */
import { parseDurationMs } from '@postback/core/settings';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

export class UsageError extends Error {
  readonly code = 'BAD_OPTION';
}

export function whole(name: string, text: string, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= 1 && value <= max))
    throw new UsageError(`${name}: expected a whole number from 1 to ${max}, got "${text}"`);
  return value;
}

/** 0 and up. */
export function count(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${name}: expected a whole number from 0, got "${text}"`);
  return Number(text);
}

export function positive(name: string, text: string): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (!(value > 0)) throw new UsageError(`${name}: expected requests per second such as 200 or 0.5, got "${text}"`);
  return value;
}

export function durationMs(name: string, text: string): number {
  try {
    return parseDurationMs(text);
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}`);
  }
}

export function share(name: string, text: string): number {
  const percent = /^\d{1,3}(\.\d{1,4})?%$/.test(text) ? Number(text.slice(0, -1)) : NaN;
  if (!(percent <= 100)) throw new UsageError(`${name}: expected a share from 0% to 100%, got "${text}"`);
  return percent / 100;
}

export function method(name: string, text: string): Method {
  const match = METHODS.find((candidate) => candidate === text.toUpperCase());
  if (match === undefined) throw new UsageError(`${name}: expected one of ${METHODS.join(', ')}, got "${text}"`);
  return match;
}

/** Without a slash at the end, so that paths can be appended. */
export function httpUrl(name: string, text: string): string {
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isHttp) throw new UsageError(`${name}: expected a URL starting with http:// or https://, got "${text}"`);
  return text.replace(/\/+$/, '');
}

export function path(name: string, text: string): string {
  if (!text.startsWith('/')) throw new UsageError(`${name}: expected a path starting with /, got "${text}"`);
  return text;
}
