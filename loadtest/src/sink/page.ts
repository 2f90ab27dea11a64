/** The sink's page: what arrived, newest first. Self-contained, and with relative addresses, since nginx serves it as /sink/. */
import { createHash } from 'node:crypto';

export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whatever a delivery carried is shown as text; the policy lets no other script run. */
export function renderPage(): Page {
  const hash = createHash('sha256').update(SCRIPT).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; script-src 'sha256-${hash}'`;
  return {
    html: `${HEAD}<style>${STYLE}</style>${BODY}<script>${SCRIPT}</script>`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  };
}

const HEAD = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>Sink · Postback Delivery</title>
`;

const STYLE = `
:root { --bg:#f6f7f9; --card:#fff; --ink:#1b1f27; --dim:#667085; --line:#e3e6ec; --accent:#2f6fed; --good:#0c8a52; --bad:#c8372d }
@media (prefers-color-scheme: dark) {
  :root { --bg:#0f1218; --card:#171b23; --ink:#e8ebf1; --dim:#93a0b4; --line:#272d39; --accent:#7aa5ff; --good:#4cc38a; --bad:#ff7b72 }
}
* { box-sizing:border-box }
body { margin:0; background:var(--bg); color:var(--ink); font:15px/1.5 system-ui,sans-serif }
main { max-width:1080px; margin:0 auto; padding:28px 20px 60px }
header { display:flex; flex-wrap:wrap; gap:12px; align-items:baseline; margin-bottom:18px }
h1 { font-size:22px; margin:0; letter-spacing:-.01em }
#count { color:var(--dim); margin-right:auto; font-variant-numeric:tabular-nums }
input, button { font:inherit; color:inherit; background:var(--card); border:1px solid var(--line); border-radius:8px; padding:6px 12px }
button { cursor:pointer } button:hover { border-color:var(--accent) }
:focus-visible { outline:2px solid var(--accent); outline-offset:1px }
details { background:var(--card); border:1px solid var(--line); border-radius:10px; margin-bottom:8px; overflow:hidden }
summary { display:flex; gap:12px; align-items:baseline; padding:10px 14px; cursor:pointer; list-style:none }
summary::-webkit-details-marker { display:none }
code, pre { font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace }
summary code { flex:1; min-width:0; overflow:hidden; text-overflow:ellipsis; white-space:nowrap }
details[open] summary code { white-space:normal; overflow-wrap:anywhere }
.method { color:var(--accent); font-weight:650; font-size:13px; min-width:54px }
.good { color:var(--good) } .bad { color:var(--bad) } .dim { color:var(--dim) }
.good, .bad, .dim { font-size:13px; font-variant-numeric:tabular-nums; white-space:nowrap }
.more { border-top:1px solid var(--line); padding:12px 14px }
pre { margin:0 0 10px; white-space:pre-wrap; overflow-wrap:anywhere }
.more h2 { font-size:12px; font-weight:600; color:var(--dim); margin:0 0 2px }
#empty { text-align:center; color:var(--dim); padding:70px 20px; border:1px dashed var(--line); border-radius:10px }
`;

const BODY = `<main>
<header><h1>What the sink received</h1><span id="count" role="status">connecting …</span>
<input id="contains" type="search" placeholder="contains …" aria-label="show only requests that contain">
<button id="pause">Pause</button><button id="clear">Clear</button></header>
<div id="list"></div>
<div id="empty" hidden>Nothing arrived yet. Postbacks delivered to this address appear here.</div>
</main>`;

const SCRIPT = `
const byId = (id) => document.getElementById(id);
const opened = new Set();
let paused = false, shown = '';

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function row(item) {
  const key = item.at + item.url;
  const node = element('details');
  node.open = opened.has(key);
  node.ontoggle = () => node.open ? opened.add(key) : opened.delete(key);
  const summary = element('summary');
  summary.append(element('span', 'method', item.method), element('code', '', item.url),
    element('span', item.status < 300 ? 'good' : 'bad', item.status),
    element('span', 'dim', new Date(item.at).toLocaleTimeString()));
  const more = element('div', 'more');
  const headers = Object.entries(item.headers).map(([name, value]) => name + ': ' + value).join('\\n');
  more.append(element('h2', '', 'Received'), element('pre', '', item.at), element('h2', '', 'Headers'), element('pre', '', headers));
  if (item.bodyBytes) more.append(element('h2', '', 'Body, ' + item.bodyBytes + ' bytes'), element('pre', '', item.body));
  node.append(summary, more);
  return node;
}

async function refresh() {
  const answer = await fetch('captured?limit=100&contains=' + encodeURIComponent(byId('contains').value));
  const text = await answer.text();
  if (text === shown) return;
  const { total, captured } = JSON.parse(text);
  shown = text;
  byId('count').textContent = total.toLocaleString() + ' requests, newest first';
  byId('list').replaceChildren(...captured.map(row));
  byId('empty').hidden = captured.length > 0;
}

async function tick() {
  try { if (!paused && !document.hidden) await refresh(); }
  catch { byId('count').textContent = 'the sink does not answer'; shown = ''; }
  setTimeout(tick, 1000);
}

byId('contains').oninput = () => refresh();
byId('pause').onclick = () => { paused = !paused; byId('pause').textContent = paused ? 'Resume' : 'Pause'; };
byId('clear').onclick = () => fetch('captured', { method: 'DELETE' }).then(refresh);
tick();
`;
