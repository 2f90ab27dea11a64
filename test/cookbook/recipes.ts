/** Takes docs/api.md apart: the examples with what they promise, and the client programs. Pure. */
export interface Recipe {
  readonly heading: string;
  /** Run one after another. */
  readonly commands: readonly string[];
  /** Part of what the commands print, by the number of the command. */
  readonly answers: ReadonlyMap<number, unknown>;
  readonly arrivals: readonly Arrival[];
}

export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Client {
  readonly language: string;
  readonly code: string;
}

interface Block {
  readonly language: string;
  readonly text: string;
}

const LANGUAGES = ['ts', 'python', 'go', 'php'];

export function readRecipes(markdown: string): Recipe[] {
  return sectionsOf(markdown).flatMap(({ heading, blocks }) => {
    const known = blocks.filter(({ language }) => ['sh', 'json', 'http'].includes(language));
    const answers = new Map<number, unknown>();
    let commands = 0;
    for (const { language, text } of known) {
      if (language === 'sh') commands++;
      if (language === 'json') answers.set(commands - 1, JSON.parse(text));
    }
    const textsOf = (language: string) => known.filter((block) => block.language === language).map(({ text }) => text);
    const recipe = { heading, commands: textsOf('sh'), answers, arrivals: textsOf('http').map(readArrival) };
    return commands === 0 ? [] : [recipe];
  });
}

export function readClients(markdown: string): Client[] {
  return sectionsOf(markdown).flatMap(({ blocks }) =>
    blocks
      .filter(({ language }) => LANGUAGES.includes(language))
      .map(({ language, text: code }) => ({ language, code })),
  );
}

function sectionsOf(markdown: string): { heading: string; blocks: Block[] }[] {
  return markdown.split(/^## /m).map((section) => ({
    heading: section.slice(0, section.indexOf('\n')),
    blocks: [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
      language,
      text,
    })),
  }));
}

function readArrival(text: string): Arrival {
  const [head = '', body = ''] = text.split('\n\n');
  const [line = '', ...headers] = head.trim().split('\n');
  const [method = '', url = ''] = line.split(' ');
  const pairs = headers.map((header) => header.split(': ') as [string, string]);
  return { method, url, headers: Object.fromEntries(pairs), body: body.replace(/\n$/, '') };
}
