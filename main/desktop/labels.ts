import type { EditableSettings } from '../../shared/contract.ts';
import { createSentenceWriter, type Sentence } from '../../shared/sentence.ts';
import { CHINESE } from '../../shared/sentences-zh.ts';
import type { Snapshot } from '../../shared/stats.ts';

/** Every text of the desktop app outside its window. */
export type Labels = {
  language: 'en' | 'zh';
  /** What the relay says. */
  sentence: (sentence: Sentence) => string;
  status: Record<Snapshot['status'], string>;
  nobodyWatches: string;
  watching: (count: number) => string;
  open: string;
  copyListUrl: string;
  pause: string;
  resume: string;
  quit: string;
  settings: string;
  menu: Record<'edit' | 'view' | 'window', string>;
  offer: {
    readQuestion: (address: string) => string;
    readDetail: string;
    read: string;
    importQuestion: (name: string) => string;
    importDetail: (counts: { added: number; changed: number; removed: number }) => string;
    nothingNew: (name: string) => string;
    import: string;
    cancel: string;
    close: string;
    failed: string;
  };
};

const EN: Labels = {
  language: 'en',
  sentence: ({ text }) => text,
  status: {
    starting: 'Starting',
    running: 'Running',
    paused: 'Paused',
    stopping: 'Stopping',
    failed: 'Not running',
  },
  nobodyWatches: 'Nobody is watching',
  watching: (count) => `${count} watching`,
  open: 'Open Hearthcast',
  copyListUrl: 'Copy List URL',
  pause: 'Pause',
  resume: 'Resume',
  quit: 'Quit Hearthcast',
  settings: 'Settings…',
  menu: { edit: 'Edit', view: 'View', window: 'Window' },
  offer: {
    readQuestion: (address) => `Read the channel list at ${address}?`,
    readDetail: 'Something outside Hearthcast asked for this. You are shown what would change before anything does.',
    read: 'Read It',
    importQuestion: (name) => `Import the channels of ${name}?`,
    importDetail: ({ added, changed, removed }) => `${added} new, ${changed} changed, ${removed} no longer listed.`,
    nothingNew: (name) => `You have all channels of ${name} already.`,
    import: 'Import',
    cancel: 'Cancel',
    close: 'Close',
    failed: 'The list could not be imported.',
  },
};

const ZH: Labels = {
  language: 'zh',
  sentence: createSentenceWriter(CHINESE),
  status: {
    starting: '正在启动',
    running: '运行中',
    paused: '已暂停',
    stopping: '正在停止',
    failed: '未运行',
  },
  nobodyWatches: '无人观看',
  watching: (count) => `${count} 台正在观看`,
  open: '打开 Hearthcast',
  copyListUrl: '复制播放列表地址',
  pause: '暂停',
  resume: '继续',
  quit: '退出 Hearthcast',
  settings: '设置…',
  menu: { edit: '编辑', view: '显示', window: '窗口' },
  offer: {
    readQuestion: (address) => `读取 ${address} 的频道列表？`,
    readDetail: '这个请求来自 Hearthcast 之外。在做出任何更改之前，您会先看到将要发生的变化。',
    read: '读取',
    importQuestion: (name) => `导入 ${name} 的频道？`,
    importDetail: ({ added, changed, removed }) => `新增 ${added} 个，更改 ${changed} 个，不再列出 ${removed} 个。`,
    nothingNew: (name) => `${name} 的频道已全部导入。`,
    import: '导入',
    cancel: '取消',
    close: '关闭',
    failed: '无法导入该列表。',
  },
};

/**
 * @param chosen the language of the settings
 * @param preferred the user's languages, best first
 */
export function pickLabels(chosen: EditableSettings['language'], preferred: readonly string[]): Labels {
  if (chosen === 'en') return EN;
  if (chosen === 'zh') return ZH;
  return preferred
    .find((tag) => /^(?:en|zh)\b/i.test(tag))
    ?.toLowerCase()
    .startsWith('zh') === true
    ? ZH
    : EN;
}
