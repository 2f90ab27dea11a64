/** The redrive jobs: how far each is, what failed, and stopping one. */
import { useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';
import { request } from '../api/request.js';
import type { RedriveJob } from '../api/types.js';
import { formatCount } from '../format/numbers.js';
import { ActionButton } from '../parts/ActionButton.js';
import { Chip } from '../parts/Chip.js';
import { Moment } from '../parts/Moment.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { useReading } from '../parts/useReading.js';
import { formatRoute } from '../shell/route.js';

const READ_EVERY_MS = 1_000;
const SHOWN = 3;

export function Jobs() {
  const { value } = useReading(
    'jobs',
    (signal) => request<{ jobs: RedriveJob[] }>('api/redrive', { signal }),
    READ_EVERY_MS,
  );
  const jobs = value?.jobs.slice(0, SHOWN) ?? [];
  if (jobs.length === 0) return null;
  return (
    <section class="card jobs" aria-label="Redrive jobs">
      <h3>Redrive jobs</h3>
      {jobs.map((job) => (
        <Job key={job.job} job={job} />
      ))}
    </section>
  );
}

function Job({ job }: { readonly job: RedriveJob }) {
  const [fault, setFault] = useState<Fault>();
  const { job: id, state, createdAt, candidates, scanned, redriven, gone, failed, failures, perSecond } = job;
  const stop = () =>
    void request(`api/redrive/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch((error: unknown) =>
      setFault(asFault(error)),
    );
  return (
    <div class="job" data-job={id}>
      <p>
        <Chip word={state} /> begun <Moment at={createdAt} />: <b>{formatCount(redriven)}</b> redriven
        {gone > 0 && `, ${formatCount(gone)} gone before`}
        {failed > 0 && <span class="off">, {formatCount(failed)} failed</span>}
        {`; ${formatCount(scanned)} of ${formatCount(candidates)} looked at`}
        {state === 'running' && `, at most ${formatCount(perSecond)} per second`}
        {state === 'running' && (
          <ActionButton kind="small" onClick={stop}>
            Stop
          </ActionButton>
        )}
      </p>
      {state === 'running' && <progress max={Math.max(1, candidates)} value={scanned} aria-label="Letters looked at" />}
      {failures.map((failure) => (
        <p key={failure.id} class="soft">
          <a href={formatRoute('postback', {}, failure.id)}>{failure.id}</a> {failure.detail}
        </p>
      ))}
      {fault && <ProblemNote fault={fault} />}
    </div>
  );
}
