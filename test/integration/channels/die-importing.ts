import { createChannelRepository } from '../../../main/channels/repository.ts';
import { silentLogger } from '../../../main/log.ts';

/** Started as a process: begins a big import into the given database and is killed in the middle of it. */
const channels = createChannelRepository({ file: process.argv[2] ?? '', log: silentLogger, now: Date.now });
await channels.start?.();

const entries = Array.from({ length: 200_000 }, (_, at) => ({
  ...{ name: `Channel ${at}`, number: null, group: 'All', logo: '', tvgId: `id${at}`, attributes: {} },
  sources: [{ url: `http://panel.example/${at}.m3u8`, headers: {} }],
}));
/* By then some megabytes are in the write-ahead log, and the commit is still far. */
setTimeout(() => process.kill(process.pid, 'SIGKILL'), 700);
await channels.importList({ origin: '/lists/home.m3u', entries, skipped: [], skippedCount: 0, guideUrls: [] });
