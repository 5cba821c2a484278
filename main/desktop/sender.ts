import { isOnPage } from './page.ts';

/** What is used of Electron's `IpcMainInvokeEvent`. The frame is null once it has gone elsewhere. */
export type IpcEvent = { readonly senderFrame: { readonly url: string; readonly parent: unknown } | null };

/** Whether a message comes from our page itself: not from another, and not from a frame inside it. */
export function isFromPage(pageUrl: string, { senderFrame }: IpcEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOnPage(pageUrl, senderFrame.url);
}
