import { expect, test } from 'vitest';
import { containerOf, isWebPage } from '../../../main/diagnosis/container.ts';
import { sampleSegment } from '../../support/small-stream.ts';

function box(type: string): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(type), Buffer.alloc(16)]);
}

test.each<[string, Buffer, string | undefined]>([
  ['MPEG-TS', sampleSegment(1), 'mpeg-ts'],
  ['a fragment of MP4', box('moof'), 'mp4'],
  ['a fragment that begins with its type', box('styp'), 'mp4'],
  ['AAC', Buffer.from([0xff, 0xf1, 0x50, 0x80]), 'audio'],
  ['AAC behind the time stamp that HLS puts before it', Buffer.from('ID3\x04'), 'audio'],
  ['AC-3', Buffer.from([0x0b, 0x77, 0, 0]), 'audio'],
  ['subtitles', Buffer.from('\uFEFFWEBVTT\n\n'), 'webvtt'],
  ['encrypted bytes', Buffer.from('47a1b2c3d4e5f60718293a4b5c6d7e8f', 'hex'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('%s is told by its first bytes', (_, bytes, container) => {
  expect(containerOf(bytes)).toBe(container);
});

test.each([
  ['<!DOCTYPE html><title>Login</title>', true],
  ['\uFEFF\r\n <HTML lang="en">', true],
  ['#EXTM3U\n#<html>', false],
  ['<?xml version="1.0"?><MPD>', false],
  ['', false],
])('%j is a web page: %s', (text, expected) => {
  expect(isWebPage(Buffer.from(text))).toBe(expected);
});
