/** What the client handed in: endpoint, data and settings, as far as it is kept. */
import type { PostbackStatus } from '../api/types.js';

export function RequestParts({ status: { endpoint, data, settings, state } }: { readonly status: PostbackStatus }) {
  const isGone = endpoint === undefined && data === undefined;
  return (
    <section aria-label="Request">
      <h2>Request</h2>
      {isGone && (
        <p class="card empty">
          Endpoint and data are kept until a postback is {state === 'delivered' ? 'delivered' : 'done'}; what was sent
          stands at each attempt.
        </p>
      )}
      {endpoint && (
        <Part name="Endpoint, as the client sent it, without secrets" text={JSON.stringify(endpoint, undefined, 2)} />
      )}
      {data !== undefined && <Part name="Data" text={data} />}
      {settings && Object.keys(settings).length > 0 && (
        <Part name="Settings of the request" text={JSON.stringify(settings, undefined, 2)} />
      )}
    </section>
  );
}

function Part({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div class="card part">
      <h3>{name}</h3>
      <pre>{text}</pre>
    </div>
  );
}
