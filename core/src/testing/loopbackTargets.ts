/** For tests whose third parties are on loopback: what ALLOWED_TARGETS must hold. */
import { parseAllowedTarget } from '../net/allowedTarget.js';

export const LOOPBACK = '127.0.0.0/8,::1,localhost';
export const LOOPBACK_TARGETS = LOOPBACK.split(',').map(parseAllowedTarget);
