/** The fields for what is to be different when letters are sent again. */
import type { ReplacementDraft } from './replacement.js';

interface ReplacementFieldsProps {
  readonly value: ReplacementDraft;
  readonly change: (next: ReplacementDraft) => void;
}

export function ReplacementFields({ value, change }: ReplacementFieldsProps) {
  return (
    <details class="more">
      <summary>With another address or other headers</summary>
      <label class="field">
        URL template that replaces the endpoint's
        <input
          value={value.url}
          spellcheck={false}
          onInput={(event) => change({ ...value, url: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        Headers that replace all of the endpoint's, one a line
        <textarea
          rows={2}
          value={value.headers}
          placeholder="Name: value"
          spellcheck={false}
          onInput={(event) => change({ ...value, headers: event.currentTarget.value })}
        />
      </label>
    </details>
  );
}
