import { expect, test } from 'vitest';
import { channelId } from '../../../main/channels/channel-id.ts';

const anyId = () => true;

test.for([
  [{ tvgId: 'kit0', name: 'Kit' }, 'ch_kit0'],
  [{ tvgId: 'CNN.us@SD', name: 'CNN' }, 'ch_cnn.us-sd'],
  [{ tvgId: '', name: 'Télé Été' }, 'ch_tele-ete'],
  [{ tvgId: '', name: 'Straße Øst Łódź' }, 'ch_strasse-ost-lodz'],
  [{ tvgId: '', name: 'CCTV-5+' }, 'ch_cctv-5-plus'],
  [{ tvgId: '', name: '[HD] Das Erste (1080p)' }, 'ch_hd-das-erste-1080p'],
  [{ tvgId: 'none', name: 'Sport 1' }, 'ch_sport-1'],
  [{ tvgId: '湖南卫视', name: 'Hunan TV' }, 'ch_hunan-tv'],
  [{ tvgId: '../../etc', name: 'x' }, 'ch_etc'],
] as const)('the id of %o is %s', ([identity, id]) => {
  expect(channelId({ ...identity, group: '' }, anyId)).toBe(id);
});

test('a name that is not Latin gives a short hash, also when a part of it is', () => {
  const ids = ['湖南卫视', 'Первый канал', '湖南卫视 HD'].map((name) =>
    channelId({ tvgId: '', name, group: 'a' }, anyId),
  );
  for (const id of ids) expect(id).toMatch(/^ch_[0-9a-v]{8}$/);
  expect(new Set(ids).size).toBe(3);
});

test('the hash of a name does not depend on its group', () => {
  const [one, two] = ['a', 'b'].map((group) => channelId({ tvgId: '', name: '湖南卫视', group }, anyId));
  expect(one).toBe(two);
});

test('an id that is taken gets a hash of tvg-id, name and group behind it', () => {
  const isFree = (id: string) => id !== 'ch_news';
  const [hd, sd] = ['News HD', 'News SD'].map((name) => channelId({ tvgId: 'news', name, group: '' }, isFree));
  expect(hd).toMatch(/^ch_news-[0-9a-v]{8}$/);
  expect(sd).toMatch(/^ch_news-[0-9a-v]{8}$/);
  expect(hd).not.toBe(sd);
});
