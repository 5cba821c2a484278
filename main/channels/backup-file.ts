import * as z from 'zod';
import { ChannelId, ChannelOptions } from '../../shared/channel.ts';
import { SettingsEdit } from '../../shared/contract.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { Settings } from '../../shared/settings.ts';
import { ProxyError } from '../errors.ts';
import { inSlices } from './in-slices.ts';
import { BoxHeader, createBox, openBox } from './secret-box.ts';
import { parseAddress } from './source-address.ts';

/*
 * A backup is a text of lines, each of them JSON, so that one of any size is written and read without holding up anybody: a header,
 * then records and an end that counts them; encrypted ones in pieces of base64 with a tag at the end.
 */

const VERSION = 1;
const PIECE_CHARACTERS = 65_536;

const Headers = z.record(z.string(), z.string());
const Time = z.number().int().nullable();
const Address = z.string().refine((text) => parseAddress(text, {}).kind === 'source');

const List = z.object({
  key: z.number().int(),
  origin: z.string(),
  kind: z.enum(['url', 'file', 'text', 'xtream', 'manual']),
  name: z.string(),
  guideUrls: z.array(z.string()),
  refreshedAt: Time,
  refreshHours: z.number().int().min(0).max(8760),
  credentials: z.string(),
  groups: z.array(z.string()).nullable(),
  merges: z.boolean(),
  isOrdered: z.boolean(),
  removed: z.array(ChannelId),
});
export type BackupList = z.infer<typeof List>;

const Source = z.object({
  list: z.number().int(),
  url: Address,
  headers: Headers,
  ownHeaders: Headers.nullable(),
  isHidden: z.boolean(),
  priority: z.number().int(),
  identity: z.string(),
});
export type BackupSource = z.infer<typeof Source>;

const Channel = z.object({
  id: ChannelId,
  list: z.number().int(),
  position: z.number().int(),
  number: z.number().int().nullable(),
  name: z.string().min(1),
  group: z.string(),
  logo: z.string(),
  tvgId: z.string(),
  attributes: z.record(z.string(), z.string()),
  enabled: z.boolean(),
  favourite: z.boolean(),
  notes: z.string(),
  options: ChannelOptions,
  edited: z.array(z.string()),
  goneAt: Time,
  sources: z.array(Source),
});
export type BackupChannel = z.infer<typeof Channel>;

const Line = z.union([
  z.object({ channel: Channel }),
  z.object({ list: List }),
  z.object({ settings: SettingsEdit, sealingKey: Settings.shape.sealingKey.nullable() }),
  z.object({ end: z.object({ records: z.number().int() }) }),
]);

/** One line of a backup. */
export type BackupRecord = Exclude<z.infer<typeof Line>, { end: unknown }>;

/** A backup, read and found right. */
export type BackupContent = {
  /** Whether passwords and the like are in it. */
  hasSecrets: boolean;
  settings: SettingsEdit;
  sealingKey: string | null;
  lists: BackupList[];
  channels: BackupChannel[];
};

const Header = z.object({
  hearthcast: z.literal('backup'),
  version: z.number().int(),
  createdAt: z.iso.datetime(),
  encryption: BoxHeader.nullable(),
});

/** Writes a backup; with a passphrase nothing of it can be read without. */
export async function writeBackup(
  records: Iterable<BackupRecord>,
  { passphrase, nowMs }: { passphrase: string; nowMs: number },
): Promise<string> {
  const box = passphrase === '' ? undefined : await createBox(passphrase);
  const header: z.input<typeof Header> = {
    hearthcast: 'backup',
    version: VERSION,
    createdAt: new Date(nowMs).toISOString(),
    encryption: box?.header ?? null,
  };
  const lines = [JSON.stringify(header)];
  let piece = '';
  let count = 0;
  const sealPiece = (): void => {
    if (box !== undefined) lines.push(box.seal(piece).toString('base64'));
    piece = '';
  };
  const write = (record: unknown): void => {
    const line = JSON.stringify(record);
    if (box === undefined) {
      lines.push(line);
      return;
    }
    piece += `${line}\n`;
    if (piece.length > PIECE_CHARACTERS) sealPiece();
  };
  await inSlices(records, (record) => {
    count += 1;
    write(record);
  });
  write({ end: { records: count } });
  if (box !== undefined) {
    sealPiece();
    lines.push(box.close().toString('base64'));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Reads a backup whole and checks everything in it, so that whoever restores it can.
 * @throws ProxyError BAD_REQUEST with what is wrong with it
 */
export async function readBackup(text: string, passphrase: string): Promise<BackupContent> {
  const lines = linesOf(text);
  const header = parseHeader(lines.next().value);
  const { encryption } = header;
  const content: BackupContent = {
    ...{ hasSecrets: encryption !== null, settings: {}, sealingKey: null },
    ...{ lists: [], channels: [] },
  };
  let count = 0;
  let announced: number | undefined;
  const take = (line: string): void => {
    const record = parseRecord(line, count);
    if ('end' in record) announced = record.end.records;
    else count += 1;
    if ('channel' in record) content.channels.push(record.channel);
    if ('list' in record) content.lists.push(record.list);
    if ('settings' in record) Object.assign(content, record);
  };
  if (encryption === null) await inSlices(lines, take);
  else await inSlices(linesOf(await decrypt(lines, passphrase, encryption)), take);
  if (announced !== count) throw badBackup(say('backup.incomplete'));
  checkReferences(content);
  return content;
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    if (end > start) yield text.slice(start, end);
    start = end + 1;
  }
}

async function decrypt(lines: Iterable<string>, passphrase: string, header: BoxHeader): Promise<string> {
  if (passphrase === '') throw badBackup(say('backup.encrypted'));
  const box = await openBox(passphrase, header);
  const pieces: Buffer[] = [];
  let tag = '';
  await inSlices(lines, (line) => {
    if (tag !== '') pieces.push(box.open(Buffer.from(tag, 'base64')));
    tag = line;
  });
  box.close(Buffer.from(tag, 'base64'));
  return Buffer.concat(pieces).toString('utf8');
}

function parseHeader(line: string | undefined): z.infer<typeof Header> {
  const header = Header.safeParse(parseJson(line ?? ''));
  if (!header.success) throw badBackup(say('backup.none'));
  if (header.data.version > VERSION) {
    throw badBackup(say('backup.newer'));
  }
  return header.data;
}

function parseRecord(line: string, index: number): z.infer<typeof Line> {
  const record = Line.safeParse(parseJson(line));
  if (!record.success) throw badBackup(say('backup.badRecord', { number: index + 1 }));
  return record.data;
}

function checkReferences({ lists, channels }: BackupContent): void {
  const keys = new Set(lists.map(({ key }) => key));
  const origins = new Set(lists.map(({ origin }) => origin));
  const ids = new Set(channels.map(({ id }) => id));
  const isSound =
    keys.size === lists.length &&
    origins.size === lists.length &&
    ids.size === channels.length &&
    channels.every(({ list, sources }) => keys.has(list) && sources.every((source) => keys.has(source.list)));
  if (!isSound) throw badBackup(say('backup.torn'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function badBackup(sentence: Sentence): ProxyError {
  return new ProxyError('BAD_REQUEST', sentence);
}
