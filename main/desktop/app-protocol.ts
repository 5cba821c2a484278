import type { CustomScheme } from 'electron';
import { pageHeaders } from '../control/page-headers.ts';
import { readRendererFile } from '../control/renderer-files.ts';

/** To be registered before Electron is ready. Its pages count as secure, as those of HTTPS do. */
export const APP_SCHEME: CustomScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** Any port: the relay's may change while a page is open, and a page keeps the policy that it came with. */
const HEADERS = pageHeaders('http://127.0.0.1:*');

/** Answers requests to `app://hearthcast/` with files of the built window, and all others with 404. */
export function createPageHandler({
  pageUrl,
  rendererFolder,
}: {
  pageUrl: string;
  rendererFolder: string;
}): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  const { host } = new URL(pageUrl);
  return async ({ url, method }) => {
    const asked = new URL(url);
    const file =
      asked.host === host && method === 'GET' ? await readRendererFile(rendererFolder, asked.pathname) : undefined;
    if (file === undefined) return new Response(null, { status: 404, headers: HEADERS });
    const { body, contentType } = file;
    return new Response(new Uint8Array(body), { headers: { ...HEADERS, 'Content-Type': contentType } });
  };
}
