/** Takes secrets out of an answer: an endpoint may echo what it was sent, and answers are logged and kept. Pure. */
import type { Answer } from './http/answerHandler.js';

/** The beginning of a secret that stands where an answer was cut off is taken out too, if it is longer than this. */
const MIN_PART = 4;

export function concealSecrets(answer: Answer, secrets: ReadonlyMap<string, string>): Answer {
  let { body } = answer;
  const { isTruncated } = answer;
  for (const [name, value] of secrets) {
    for (const form of formsOf(value)) body = conceal(body, form, { mark: `[secret ${name}]`, isTruncated });
  }
  return body === answer.body ? answer : { ...answer, body };
}

/** As it is, and as it stands in JSON, in a URL and without what comes before a blank (`Bearer …`). */
function formsOf(value: string): Set<string> {
  const bare = value.slice(value.lastIndexOf(' ') + 1);
  const forms = [value, bare].flatMap((form) => [form, JSON.stringify(form).slice(1, -1), encodeURIComponent(form)]);
  return new Set(forms.filter((form) => form.length >= MIN_PART));
}

interface Concealing {
  readonly mark: string;
  readonly isTruncated: boolean;
}

function conceal(body: string, secret: string, { mark, isTruncated }: Concealing): string {
  const whole = body.replaceAll(secret, () => mark);
  if (!isTruncated) return whole;
  for (let length = Math.min(secret.length - 1, whole.length); length >= MIN_PART; length--) {
    if (whole.endsWith(secret.slice(0, length))) return whole.slice(0, -length) + mark;
  }
  return whole;
}
