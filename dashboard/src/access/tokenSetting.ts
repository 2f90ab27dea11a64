/** A token among the settings: the dashboard checks what is presented against it, the operator command presents it. */
import { secretFault } from '@postback/core/access/secrets';
import type { Setting } from '@postback/core/config';
import { secret } from '@postback/core/settings';

export function tokenSetting(description: string): Setting<string> {
  return secret({ default: '', description }, (token) => {
    const fault = token === '' ? undefined : secretFault(token);
    if (fault !== undefined) throw new Error(`it ${fault}`);
    return token;
  });
}
