import { describe, expect, test } from 'vitest';
import { foldName, mergeName, naturalKey } from '../../../main/channels/search-key.ts';

test.for([
  ['Télé VILLE', 'tele ville'],
  ['ＮＨＫ　総合', 'nhk 総合'],
  ['Ärger & ÑANDÚ', 'arger & nandu'],
  ['ガンダム', 'ガンダム'],
  ['Йога', 'иога'],
  ['한국방송', '한국방송'],
] as const)('%s is searched as %s', ([name, folded]) => {
  expect(foldName(name)).toBe(folded);
});

test('names are sorted as people count', () => {
  const sorted = ['Art', 'Kit', 'kit 2', 'Kit 09', 'kit 10', 'Kit 10 b', 'Kit 100', 'Zoo 7'];
  const shuffled = ['Kit 100', 'Zoo 7', 'kit 10', 'Kit', 'Kit 10 b', 'Art', 'Kit 09', 'kit 2'];
  expect(shuffled.toSorted((one, other) => (naturalKey(one) < naturalKey(other) ? -1 : 1))).toEqual(sorted);
});

describe('the same channel in several qualities', () => {
  test.for([
    ['News', 'News HD', '[FHD] News', 'news (1080p)', 'NEWS 4K', 'News UHD HEVC', 'News | HD', 'N e w s'],
    ['湖南卫视', '湖南卫视 HD', '湖南卫视高清', '湖南卫视（4K）', '【超清】湖南卫视'],
    ['CCTV-1', 'cctv-1 HD', 'CCTV-1 (720p)'],
  ] as const)('is one: %s', (names) => {
    expect(new Set(names.map(mergeName)).size).toBe(1);
  });

  test('is not one with others', () => {
    const names = ['News', 'News 2', 'News +1', 'News (UK)', 'Newshd', 'CCTV-5', 'CCTV-5+', 'HDNews', 'News 4 Kids'];
    expect(new Set(names.map(mergeName)).size).toBe(names.length);
  });

  test('keeps its name where that is nothing but a quality', () => {
    expect(mergeName('4K')).toBe('4k');
    expect(mergeName('***')).toBe('***');
  });
});
