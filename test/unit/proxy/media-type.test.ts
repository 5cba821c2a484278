import { describe, expect, test } from 'vitest';
import { contentTypeOf } from '../../../main/proxy/media-type.ts';

describe("the origin's type is passed on where it tells", () => {
  test.each([
    ['video/mp2t', 'ts', 'video/mp2t'],
    ['video/MP2T', 'ts', 'video/MP2T'],
    ['video/mp4; codecs="avc1"', 'm4s', 'video/mp4; codecs="avc1"'],
    ['audio/aac', 'aac', 'audio/aac'],
    ['text/vtt; charset=utf-8', 'vtt', 'text/vtt; charset=utf-8'],
    ['application/ttml+xml', 'mp4', 'application/ttml+xml'],
    ['application/json', 'json', 'application/json'],
    ['image/jpeg', 'jpg', 'image/jpeg'],
    ['image/webp', 'png', 'image/webp'],
  ])('%s for .%s', (originType, extension, type) => {
    expect(contentTypeOf(originType, extension)).toBe(type);
  });
});

describe('it is replaced where it does not tell, disguises or could run in a browser', () => {
  test.each([
    [undefined, 'ts', 'video/mp2t'],
    ['text/plain', 'ts', 'video/mp2t'],
    ['application/octet-stream', 'm4s', 'video/iso.segment'],
    ['binary/octet-stream', 'mp4', 'video/mp4'],
    ['application/vnd.apple.mpegurl', 'ts', 'video/mp2t'],
    ['image/png', 'ts', 'video/mp2t'],
    ['image/gif', 'aac', 'audio/aac'],
    ['text/html', 'ts', 'video/mp2t'],
    ['text/html; charset=utf-8', 'vtt', 'text/vtt'],
    ['text/javascript', 'json', 'application/json'],
    ['image/svg+xml', 'png', 'image/png'],
    ['video/mp4\r\nSet-Cookie: a=b', 'mp4', 'video/mp4'],
    ['text/html', 'key', 'application/octet-stream'],
    ['video/mp2t', 'key', 'application/octet-stream'],
    ['text/html', 'whatever', 'application/octet-stream'],
    [undefined, '', 'application/octet-stream'],
  ])('%s for .%s', (originType, extension, type) => {
    expect(contentTypeOf(originType, extension)).toBe(type);
  });

  test.each(['constructor', '__proto__', 'tostring', 'hasOwnProperty'])(
    'whatever a URL ends with: .%s',
    (extension) => {
      expect(contentTypeOf(undefined, extension)).toBe('application/octet-stream');
    },
  );
});
