import { body, startFakeOrigin, type FakeHandler, type FakeOrigin } from './fake-origin.ts';

export type XtreamPanel = FakeOrigin & { username: string; password: string };

/** A provider's panel of the Xtream Codes kind, with these live channels in one category. */
export async function startXtreamPanel(names: readonly string[]): Promise<XtreamPanel> {
  const account = { username: 'anna', password: 'ge/heim' };
  const answers: Record<string, unknown> = {
    get_live_categories: [{ category_id: '1', category_name: 'Subscribed' }],
    get_live_streams: names.map((name, index) => ({ num: index + 1, name, stream_id: 100 + index, category_id: '1' })),
  };
  const answer: FakeHandler = (request, response) => {
    const query = new URL(request.url, 'http://panel').searchParams;
    const isKnown = query.get('username') === account.username && query.get('password') === account.password;
    const content = isKnown ? answers[query.get('action') ?? ''] : { user_info: { auth: 0 } };
    return body(JSON.stringify(content), { 'Content-Type': 'application/json' })(request, response);
  };
  return { ...(await startFakeOrigin({ '/player_api.php': answer })), ...account };
}
