/** POST /ingest/preview: the answer to "what would be sent?". The same checks as at /ingest, and nothing is queued. */
import { logFieldsOf } from '@postback/core/http';
import type { Logger } from '@postback/core/logger';
import express, { type Router } from 'express';
import { admissionOf } from '../access/requireApiKey.js';
import { preview, type AttemptDefaults } from '../preview/preview.js';
import { readRequest, type RequestReaders } from '../readRequest.js';
import { bodyOf, readJsonBody, refuseMethod } from './jsonBody.js';

export interface PreviewDeps extends RequestReaders {
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly attemptDefaults: AttemptDefaults;
  readonly now: () => number;
}

const PREVIEW_PATH = '/ingest/preview';

export function previewRouter(deps: PreviewDeps): Router {
  const router = express.Router({ strict: true, caseSensitive: true });
  router.post(PREVIEW_PATH, ...readJsonBody(deps.maxBodyBytes), (request, response) => {
    const checked = readRequest(bodyOf(request), deps);
    admissionOf(response).charge(1); // it costs about as much as a postback
    deps.logger.debug('request.previewed', { ...logFieldsOf(response), count: checked.data.length });
    response.json(preview(checked, deps.attemptDefaults, deps.now()));
  });
  router.all(PREVIEW_PATH, refuseMethod);
  return router;
}
