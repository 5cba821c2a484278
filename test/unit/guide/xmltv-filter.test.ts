import { describe, expect, test } from 'vitest';
import { filterGuide } from '../../../main/guide/xmltv-filter.ts';

describe('filtering a guide', () => {
  test('keeps the channels and programmes that are wanted, with all that is in them, and nothing else', async () => {
    const { text, counts } = await filter(
      `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n
       <tv date="2026"><channel id="one"><display-name lang="de">Eins</display-name><icon src="a.png"/></channel>
       <channel id="two"><display-name>Zwei</display-name></channel>
       <programme start="1" stop="2" channel="one"><title>A &amp; B &lt;3</title><category>News</category></programme>
       <programme start="1" stop="2" channel="two"><title>No</title></programme></tv>`,
      { ids: ['one'] },
    );
    expect(text).toBe(
      '<channel id="one"><display-name lang="de">Eins</display-name><icon src="a.png"/></channel>\n' +
        '<programme start="1" stop="2" channel="one"><title>A &amp; B &lt;3</title><category>News</category></programme>\n',
    );
    expect(counts).toEqual({ channels: 1, programmes: 1 });
  });

  test('writes ids as the list has them, since players compare letter by letter', async () => {
    const { text } = await filter('<tv><channel id="ONE.de"/><programme channel="One.DE"/></tv>', { ids: ['one.de'] });
    expect(text).toBe('<channel id="one.de"></channel>\n<programme channel="one.de"></programme>\n');
  });

  test('finds channels without an id by their name, in any script', async () => {
    const guide =
      '<tv><channel id="c1"><display-name> 湖南卫视 </display-name></channel>' +
      '<programme channel="c1"><title>新闻</title></programme>' +
      '<channel id="c2"><display-name>ÉLAN</display-name></channel></tv>';
    const { text, counts } = await filter(guide, { names: ['湖南卫视', 'élan'] });
    expect(text).toContain('<programme channel="c1"><title>新闻</title></programme>');
    expect(counts).toEqual({ channels: 2, programmes: 1 });
  });

  test('gives a channel one guide: the first that has it', async () => {
    const taken = new Set<string>();
    const ids = ['one', 'two'];
    await filter('<tv><programme channel="one"><title>1</title></programme></tv>', { ids, taken });
    const { text } = await filter(
      '<tv><channel id="one"/><programme channel="one"><title>2</title></programme><programme channel="two"/></tv>',
      { ids, taken },
    );
    expect(text).toBe('<programme channel="two"></programme>\n');
  });

  test.each([1, 7, 64])('reads pieces of %i bytes, in the encoding that the document names', async (size) => {
    const guide =
      '<?xml version="1.0" encoding="ISO-8859-1"?><tv><programme channel="one"><title>Fußball</title></programme></tv>';
    const { text } = await filter(Buffer.from(guide, 'latin1'), { ids: ['one'], size });
    expect(text).toBe('<programme channel="one"><title>Fußball</title></programme>\n');
  });

  test('goes on after a bare ampersand', async () => {
    const { text } = await filter(
      '<tv><programme channel="one"><title>Tom & Jerry</title></programme><programme channel="one"/></tv>',
      { ids: ['one'] },
    );
    expect(text.match(/<programme/g)).toHaveLength(2);
  });

  test.each([
    ['a web page', '<html><body>Login</body></html>', /<html>, not <tv>/],
    ['nothing', '', /empty/],
    ['text without a tag', `<tv>${'x'.repeat(2_000_000)}`, /no XML/],
  ])('%s is no guide', async (_what, body, reason) => {
    await expect(filter(body, { ids: ['one'] })).rejects.toThrow(reason);
  });

  test('an element without end is left out, and what comes after it stays', async () => {
    const huge = `<programme channel="one">${'<p>word</p>'.repeat(60_000)}</programme>`;
    const { text } = await filter(`<tv>${huge}<programme channel="one"><title>Next</title></programme></tv>`, {
      ids: ['one'],
    });
    expect(text).toBe('<programme channel="one"><title>Next</title></programme>\n');
  });
});

async function filter(
  body: string | Buffer,
  {
    ids = [],
    names = [],
    taken = new Set(),
    size = 16_384,
  }: { ids?: string[]; names?: string[]; taken?: Set<string>; size?: number },
) {
  let text = '';
  const counts = await filterGuide(pieces(Buffer.from(body), size), {
    wants: {
      ids: new Map(ids.map((id) => [id.toLowerCase(), id])),
      names: new Set(names),
      fold: (name) => name.toLowerCase(),
    },
    taken,
    write: (piece) => void (text += piece),
  });
  return { text, counts };
}

async function* pieces(body: Buffer, size: number): AsyncGenerator<Buffer> {
  if (body.length === 0) yield body;
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
