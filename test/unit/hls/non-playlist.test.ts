import { describe, expect, test } from 'vitest';
import { describeNonPlaylist } from '../../../main/hls/non-playlist.ts';

function describeBody(body: string | Buffer): string {
  return describeNonPlaylist({ status: 200, contentType: undefined, body: Buffer.from(body) }).text;
}

describe('what came instead of a playlist is said in one sentence', () => {
  test.each([
    ['', 'an empty body'],
    [' \r\n\t', 'nothing but blanks'],
    ['<!DOCTYPE html><html><head><title>\n Sign in\n</title>', 'a web page ("Sign in"), perhaps a login,'],
    ['\uFEFF\n<HTML><body>gone', 'a web page, perhaps a login,'],
    ['<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">', 'a DASH manifest'],
    ['<?xml version="1.0"?><error/>', 'an XML document'],
    ['{"error": "Subscription expired"}', 'JSON ("Subscription expired")'],
    ['{"user_info":{"username":"bob","password":"x","auth":0}}', 'JSON'],
    ['[]', 'JSON'],
    ['Stream offline', 'text ("Stream offline")'],
    ['#EXTINF:6,\nseg.ts', 'text ("#EXTINF:6, seg.ts")'],
    ['#EXTM3U\n\0\0', 'a damaged playlist (binary data in it)'],
    ['#EXT', 'the beginning of a playlist'],
    [Buffer.from([0x1f, 0x8b, 8, 0]), 'compressed data'],
    [Buffer.from('\0\0\0\x18ftypmp42'), 'an MP4 file'],
    [Buffer.from('FLV\x01'), 'an FLV stream'],
    [Buffer.from([1, 2, 0, 4]), 'binary data'],
  ])('%j', (body, what) => {
    expect(describeBody(body)).toBe(`The source answered with ${what} instead of a playlist (status 200).`);
  });

  test('a raw MPEG-TS stream is known by its sync bytes, not by a letter G', () => {
    const packets = Buffer.alloc(376);
    packets[0] = 0x47;
    packets[188] = 0x47;
    expect(describeBody(packets)).toContain('a raw MPEG-TS stream');
    expect(describeBody(packets.subarray(0, 100))).toContain('a raw MPEG-TS stream');
    expect(describeBody('Gone')).toContain('text ("Gone")');
    expect(describeBody(`Gone${' and gone'.repeat(40)}`)).toContain('text ("Gone and gone');
  });

  test('with the status and the type', () => {
    const body = Buffer.from('Forbidden');
    expect(describeNonPlaylist({ status: 403, contentType: 'Text/Plain; charset=utf-8', body }).text).toBe(
      'The source answered with text ("Forbidden") instead of a playlist (status 403, text/plain).',
    );
    expect(describeNonPlaylist({ status: 403, contentType: '<script>', body }).text).toContain('(status 403)');
  });

  test.each([
    'see http://bob:secret@provider.example/get.php?username=bob&password=secret now',
    'see provider.example/live/bob/secret/1042.ts now',
    'mail bob@secret.example now',
    'username=bob&password=secret',
    'token:secret',
    'your password: secret',
    '{"message": "no such user at http://provider.example/bob/secret/1"}',
    '<html><title>http://provider.example/bob/secret</title>',
  ])('nothing that opens an account is in it: %s', (body) => {
    expect(describeBody(body)).not.toMatch(/bob|secret/);
  });

  test('an excerpt is short, printable and on one line', () => {
    const sentence = describeBody(`a\u0007b\u202Ec\n"d"${'é'.repeat(8000)}`);
    const excerpt = /text \("(.*)"\) instead/.exec(sentence)?.[1] ?? '';
    expect(excerpt).toMatch(/^a b c 'd'é+…$/);
    expect(excerpt).toHaveLength(60);
  });
});
