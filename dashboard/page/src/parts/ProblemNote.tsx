/** An error as people read it: what happened, where, and what to do. */
import type { Fault } from '../api/fault.js';

export function ProblemNote({ fault }: { readonly fault: Fault }) {
  const { title, detail, errors, page, retryAfterSeconds, requestId } = fault;
  return (
    <div class="problem" role="alert">
      <strong>{title}</strong>
      <p>{detail}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map((error, index) => (
            <li key={index}>
              <code>{error.pointer || '/'}</code> {error.detail}
            </li>
          ))}
        </ul>
      )}
      <p class="next">
        {retryAfterSeconds !== undefined && <span>Try again in {retryAfterSeconds} s. </span>}
        {page && <a href={page.slice(1)}>What to do</a>}
        {requestId && <code title="Stands in all logs">{requestId}</code>}
      </p>
    </div>
  );
}
