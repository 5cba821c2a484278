import * as z from 'zod';
import { type Reference, type Role, createReference, resolveUri } from './reference.ts';

type DocumentOptions = { baseUrl: string; link: (reference: Reference) => string };

/** What an `X-ASSET-LIST` leads to (RFC 8216bis appendix D.2). */
const AssetList = z.looseObject({ ASSETS: z.array(z.looseObject({ URI: z.string() })) });
type AssetList = z.infer<typeof AssetList>;

const UriById = z.record(z.string(), z.string());

const PathwayClone = z.looseObject({
  'URI-REPLACEMENT': z.looseObject({
    HOST: z.string().optional(),
    PARAMS: z.record(z.string(), z.string()).optional(),
    'PER-VARIANT-URIS': UriById.optional(),
    'PER-RENDITION-URIS': UriById.optional(),
  }),
});
type PathwayClone = z.infer<typeof PathwayClone>;

/** What the server of an `EXT-X-CONTENT-STEERING` answers (RFC 8216bis 7.2). */
const SteeringManifest = z.looseObject({
  VERSION: z.number(),
  'PATHWAY-PRIORITY': z.array(z.string()),
  'RELOAD-URI': z.string().optional(),
  'PATHWAY-CLONES': z.array(PathwayClone).optional(),
});
type SteeringManifest = z.infer<typeof SteeringManifest>;

/** Puts links in the place of the URIs of a JSON document that belongs to HLS; undefined when it is no such document. */
export function rewriteDocument(body: Buffer, { baseUrl, link }: DocumentOptions): Buffer | undefined {
  const document = parseJson(body);
  const rewrite = (uri: string, role: Role): string => {
    const url = resolveUri(uri, baseUrl);
    return url === undefined ? uri : link(createReference(role, url));
  };

  const assetList = AssetList.safeParse(document);
  if (assetList.success) return toBody(rewriteAssetList(assetList.data, rewrite));
  const steering = SteeringManifest.safeParse(document);
  if (steering.success) return toBody(rewriteSteeringManifest(steering.data, rewrite));
  return undefined;
}

type Rewrite = (uri: string, role: Role) => string;

function rewriteAssetList(list: AssetList, rewrite: Rewrite): AssetList {
  return { ...list, ASSETS: list.ASSETS.map((asset) => ({ ...asset, URI: rewrite(asset.URI, 'interstitial') })) };
}

function rewriteSteeringManifest(manifest: SteeringManifest, rewrite: Rewrite): SteeringManifest {
  const reloadUri = manifest['RELOAD-URI'];
  const clones = manifest['PATHWAY-CLONES'];
  return {
    ...manifest,
    ...(reloadUri !== undefined && { 'RELOAD-URI': rewrite(reloadUri, 'json') }),
    ...(clones !== undefined && { 'PATHWAY-CLONES': rewriteClones(clones, rewrite) }),
  };
}

/** A clone that changes host or parameters is left out: applied to our links, it would lead the player past the relay. */
function rewriteClones(clones: readonly PathwayClone[], rewrite: Rewrite): PathwayClone[] {
  const usable = clones.filter(({ 'URI-REPLACEMENT': { HOST, PARAMS } }) => HOST === undefined && PARAMS === undefined);
  return usable.map((clone) => {
    const replacement = clone['URI-REPLACEMENT'];
    const variants = replacement['PER-VARIANT-URIS'];
    const renditions = replacement['PER-RENDITION-URIS'];
    return {
      ...clone,
      'URI-REPLACEMENT': {
        ...replacement,
        ...(variants !== undefined && { 'PER-VARIANT-URIS': rewriteAll(variants, rewrite) }),
        ...(renditions !== undefined && { 'PER-RENDITION-URIS': rewriteAll(renditions, rewrite) }),
      },
    };
  });
}

function rewriteAll(uris: Record<string, string>, rewrite: Rewrite): Record<string, string> {
  return Object.fromEntries(Object.entries(uris).map(([id, uri]) => [id, rewrite(uri, 'playlist')]));
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function toBody(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}
