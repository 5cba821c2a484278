import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

/* electron-builder's own look at electron-builder.yml, with its own schema and its own validator, as it does before it begins. */

type Config = Record<string, unknown>;
type Validate = (config: Config, debugLogger: { isEnabled: boolean }) => Promise<void>;

const CONFIG = fileURLToPath(new URL('../../../electron-builder.yml', import.meta.url));

// Not one of its documented entries; from its own place, because it is a package of that package.
const ofBuilder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const { validateConfiguration } = ofBuilder('app-builder-lib/out/util/config/config') as {
  validateConfiguration: Validate;
};

const readConfig = async (): Promise<Config> => parse(await readFile(CONFIG, 'utf8')) as Config;
const validate = (config: Config): Promise<void> => validateConfiguration(config, { isEnabled: false });

function part(config: Config, name: string): Config {
  return config[name] as Config;
}

test('electron-builder takes our configuration', async () => {
  await expect(validate(await readConfig())).resolves.toBeUndefined();
});

test.for<[what: string, change: (config: Config) => unknown, said: RegExp]>([
  ['a misspelt option', (config) => (config['apId'] = 'x'), /apId/],
  ['a misspelt option of a system', (config) => (part(config, 'mac')['hardendRuntime'] = true), /configuration\.mac\b/],
  ['an option in the wrong place', (config) => (config['oneClick'] = true), /oneClick/],
  [
    'a misspelt fuse',
    (config) => (part(config, 'electronFuses')['runAsNod'] = false),
    /configuration\.electronFuses\b/,
  ],
  ['text where yes or no is wanted', (config) => (part(config, 'nsis')['perMachine'] = 'no'), /perMachine/],
  [
    'a processor that there is none of',
    (config) => (part(config, 'win')['target'] = { target: 'nsis', arch: 'x65' }),
    /arch/,
  ],
])('%s is refused, and where it is is said', async ([, change, said]) => {
  const config = await readConfig();
  change(config);
  await expect(validate(config)).rejects.toThrow(said);
});
