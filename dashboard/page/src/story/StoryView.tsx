/** One postback's full story: the request, each attempt with its answer and phases, what comes next, and what can be done. */
import { useEffect, useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';
import { request } from '../api/request.js';
import type { PostbackStatus } from '../api/types.js';
import { Chip } from '../parts/Chip.js';
import { Moment } from '../parts/Moment.js';
import { ProblemNote } from '../parts/ProblemNote.js';
import { formatRoute } from '../shell/route.js';
import { usePage } from '../shell/context.js';
import { AttemptStory } from './AttemptStory.js';
import { RequestParts } from './RequestParts.js';
import { isFinal } from './states.js';
import { StoryActions } from './StoryActions.js';

const READ_EVERY_MS = 1_000;
/** Somebody may redrive it elsewhere. */
const READ_FINAL_EVERY_MS = 10_000;

export function StoryView({ id }: { readonly id: string }) {
  const page = usePage();
  const [status, setStatus] = useState<PostbackStatus>();
  const [fault, setFault] = useState<Fault>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      let pause = READ_EVERY_MS;
      try {
        const found = await request<PostbackStatus>(`api/postbacks/${encodeURIComponent(id)}`, {
          signal: abort.signal,
        });
        setStatus(found);
        setFault(undefined);
        if (isFinal(found.state)) pause = READ_FINAL_EVERY_MS;
      } catch (error) {
        if (abort.signal.aborted) return;
        const met = asFault(error);
        setFault(met);
        if (met.status === 404) return setStatus(undefined);
      }
      timer = setTimeout(() => void look(), pause);
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id, round]);
  const scaleMs = Math.max(0, ...(status?.attempts.map(({ responseTimeMs }) => responseTimeMs) ?? []));
  return (
    <div class="view story" data-view="postback">
      <div class="head">
        <h1>
          Postback <code>{id}</code>
        </h1>
        {status && <StoryActions status={status} changed={() => setRound((before) => before + 1)} />}
      </div>
      {fault && <ProblemNote fault={fault} />}
      {status && (
        <>
          <Facts status={status} />
          <section aria-label="Attempts">
            <h2>Attempts</h2>
            {status.attempts.length === 0 && <p class="card empty">None was made so far.</p>}
            {status.attempts.map((attempt, index) => (
              <AttemptStory key={index} attempt={attempt} number={attempt.attempt ?? index + 1} scaleMs={scaleMs} />
            ))}
            {status.nextAttemptAt && (
              <p class="card next">
                Next attempt <Moment at={status.nextAttemptAt} isDistance />, at <Moment at={status.nextAttemptAt} />
              </p>
            )}
          </section>
          <RequestParts status={status} />
        </>
      )}
      {!status && !fault && <p class="empty">Reading…</p>}
      <p class="back">
        <a href={formatRoute('attempts')}>All attempts</a> <a href={formatRoute('dead')}>Dead letters</a>
        {page.route.get().filter['from'] && <a href={formatRoute('send')}>Back to the form</a>}
      </p>
    </div>
  );
}

function Facts({ status }: { readonly status: PostbackStatus }) {
  const { state, reason, detail, acceptedAt, diedAt, reference, destination, attemptsMade } = status;
  return (
    <dl class="card facts story-facts">
      <dt>State</dt>
      <dd data-name="state">
        <Chip word={state} /> {reason && reason !== state && <code>{reason}</code>} {detail}
      </dd>
      <dt>Accepted</dt>
      <dd>
        <Moment at={acceptedAt} /> (<Moment at={acceptedAt} isDistance />)
      </dd>
      {diedAt && (
        <>
          <dt>Died</dt>
          <dd>
            <Moment at={diedAt} /> (<Moment at={diedAt} isDistance />)
          </dd>
        </>
      )}
      {reference !== undefined && (
        <>
          <dt>Reference</dt>
          <dd data-name="reference">
            <a href={formatRoute('attempts', { reference })}>{reference}</a>
          </dd>
        </>
      )}
      {destination && (
        <>
          <dt>Destination</dt>
          <dd>
            <a href={formatRoute('attempts', { destination })}>{destination}</a>
          </dd>
        </>
      )}
      <dt>Attempts made</dt>
      <dd>{attemptsMade}</dd>
    </dl>
  );
}
