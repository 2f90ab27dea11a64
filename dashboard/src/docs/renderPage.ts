/** A page of docs/ as HTML. Links between pages work as they do among the files; one that leads out of docs/ is shown as text. Pure. */
import { posix } from 'node:path';
import MarkdownIt from 'markdown-it';

export interface Page {
  /** Within docs/, without its ending: `durability`, `errors/backlog-full`. */
  readonly name: string;
  readonly markdown: string;
}

export function renderPage(page: Page): string {
  return layOut(titleOf(page.markdown) ?? page.name, toHtml(page));
}

/** @param pages names and titles, in the order in which they are shown */
export function renderIndex(title: string, pages: readonly (readonly [name: string, title: string])[]): string {
  const lines = pages.map(([name, about]) => `- [${about}](${name}.md)`);
  return renderPage({ name: 'index', markdown: `# ${title}\n\n${lines.join('\n')}\n` });
}

/** The first heading, without its marks. */
export function titleOf(markdown: string): string | undefined {
  return /^# (.+)$/m.exec(markdown)?.[1]?.replaceAll('`', '');
}

function toHtml({ name, markdown }: Page): string {
  const parser = new MarkdownIt({ html: false });
  parser.renderer.rules.table_open = () => '<div class="table"><table>';
  parser.renderer.rules.table_close = () => '</table></div>';
  const tokens = parser.parse(markdown, {});
  tokens.forEach((token, index) => {
    if (token.type === 'heading_open') token.attrSet('id', slugOf(tokens[index + 1]?.content ?? ''));
    if (token.children) token.children = withOwnLinks(token.children, name);
  });
  return parser.renderer.render(tokens, parser.options, {});
}

function withOwnLinks(tokens: readonly MarkdownIt.Token[], page: string): MarkdownIt.Token[] {
  let isLeftOut = false;
  return tokens.filter((token) => {
    if (token.type === 'link_close') return !isLeftOut;
    if (token.type !== 'link_open') return true;
    const target = targetOf(token.attrGet('href') ?? '', page);
    isLeftOut = target === undefined;
    if (target !== undefined) token.attrSet('href', target);
    return !isLeftOut;
  });
}

/** As GitHub makes them, so that links to a heading work in both places. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function targetOf(href: string, page: string): string | undefined {
  if (/^(https?:|\/|#)/.test(href)) return href;
  const [file = '', hash] = href.split('#');
  const path = posix.join(posix.dirname(page), file);
  if (path.startsWith('..')) return undefined;
  const address = path === 'openapi.yaml' ? '/openapi.json' : `/docs/${path.replace(/\.md$/, '')}`;
  return hash === undefined ? address : `${address}#${hash}`;
}

function layOut(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Postback Delivery</title>
<link rel="stylesheet" href="/docs/assets/docs.css">
<nav><a class="home" href="/">Postback Delivery</a> <a href="/docs">API</a> <a href="/docs/api">Cookbook</a> <a href="/docs/errors">Errors</a> <a href="/docs/pages">All pages</a></nav>
<main>
${content}</main>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
