/** Endpoints for the tests of this directory. */
import { compileEndpoint, type CompiledEndpoint } from '@postback/core/template/compileEndpoint';
import type { Rendered } from '@postback/core/template/render';

export const SETTINGS = { defaultValue: '', maxUrlBytes: 8_192 };

/** A GET to `http://h/` unless `members` say otherwise; text is taken as the JSON of the endpoint. */
export function compile(members: object | string, settings = SETTINGS): CompiledEndpoint {
  const result = compileEndpoint(endpointJson(members), settings);
  if (result.kind === 'faults') throw new Error(JSON.stringify(result.faults));
  return result.endpoint;
}

export function faultsOf(members: object | string, settings = SETTINGS): string[] {
  const result = compileEndpoint(endpointJson(members), settings);
  return result.kind === 'ok' ? [] : result.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`);
}

export function rendered(endpoint: CompiledEndpoint, data: string): Rendered & { kind: 'ok' } {
  const result = endpoint.render(data);
  if (result.kind === 'faults') throw new Error(JSON.stringify(result.faults));
  return result;
}

function endpointJson(members: object | string): string {
  return typeof members === 'string' ? members : JSON.stringify({ method: 'GET', url: 'http://h/', ...members });
}
