/* Entry: the synthetic origin as a program. `node test/support/origin-process.ts '{"segmentBytes":300000}'` */
import { startOrigin } from './origin.ts';
import { OriginSettings } from './origin-settings.ts';

const origin = await startOrigin(OriginSettings.parse(JSON.parse(process.argv[2] ?? '{}')));
process.stdout.write(`${JSON.stringify({ event: 'listening', url: origin.url })}\n`);
