/** The fields of a request. */
import { METHODS, type Draft } from './draft.js';

interface RequestFormProps {
  readonly draft: Draft;
  readonly change: (next: Draft) => void;
}

type Named = RequestFormProps & { readonly name: keyof Draft; readonly label: string; readonly hint?: string };

export function RequestForm({ draft, change }: RequestFormProps) {
  const both = { draft, change };
  const isAsked = draft.apiKey !== '';
  return (
    <>
      <div class="line">
        <label class="field">
          Method
          <select
            name="method"
            value={draft.method}
            onChange={(event) => change({ ...draft, method: event.currentTarget.value })}
          >
            {METHODS.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </label>
        <TextField
          {...both}
          name="url"
          label="URL"
          hint="https://partner.example/data?title={mascot}&image={location}"
        />
      </div>
      <AreaField {...both} name="data" label="Data: a list of JSON objects, kept digit for digit" rows={5} />
      <details class="more" open={draft.headers !== '' || draft.body !== '' || draft.reference !== '' || isAsked}>
        <summary>Headers, body, reference, delay, API key</summary>
        <AreaField {...both} name="headers" label="Headers, one a line" hint="X-Campaign: {campaign}" rows={2} />
        <AreaField
          {...both}
          name="body"
          label="Body (a template; empty: POST, PUT and PATCH send the data object)"
          rows={2}
        />
        <div class="line">
          <TextField {...both} name="reference" label="Reference" hint="order {order}" />
          <TextField {...both} name="delaySeconds" label="Delay in seconds" hint="0" />
        </div>
        <label class="field">
          API key, where INGEST_API_KEYS is set; it is forgotten with this page
          <input
            name="apiKey"
            type="password"
            autocomplete="off"
            value={draft.apiKey}
            onInput={(event) => change({ ...draft, apiKey: event.currentTarget.value.trim() })}
          />
        </label>
      </details>
    </>
  );
}

function TextField({ draft, change, name, label, hint }: Named) {
  return (
    <label class="field">
      {label}
      <input
        name={name}
        value={draft[name]}
        placeholder={hint}
        spellcheck={false}
        autocapitalize="off"
        onInput={(event) => change({ ...draft, [name]: event.currentTarget.value })}
      />
    </label>
  );
}

function AreaField({ draft, change, name, label, hint, rows }: Named & { readonly rows: number }) {
  return (
    <label class="field">
      {label}
      <textarea
        name={name}
        rows={rows}
        value={draft[name]}
        placeholder={hint}
        spellcheck={false}
        onInput={(event) => change({ ...draft, [name]: event.currentTarget.value })}
      />
    </label>
  );
}
