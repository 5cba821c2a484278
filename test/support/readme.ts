import { readFile } from 'node:fs/promises';

/** The one code block of the README in a language. @throws when there is none, or several */
export async function readmeBlock(language: string): Promise<string> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/^```(\S+)\n(.*?)^```$/gms)].filter(([, ofBlock]) => ofBlock === language);
  const [block, ...others] = blocks.map(([, , content = '']) => content);
  if (block === undefined || others.length > 0)
    throw new Error(`the README has ${blocks.length} blocks of ${language}`);
  return block;
}
