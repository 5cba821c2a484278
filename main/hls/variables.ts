/** The `EXT-X-DEFINE` variables of one playlist (RFC 8216bis 4.4.2.3). */
export type Variables = {
  /** Those defined so far; grows with each `define`. */
  readonly values: ReadonlyMap<string, string>;
  /** Takes the attributes of an `EXT-X-DEFINE`. */
  define(attributes: ReadonlyMap<string, string>): void;
  /** What a `QUERYPARAM` of that name stands for. */
  queryParameter(name: string): string | undefined;
  /** Replaces each `{$name}` that is defined. */
  substitute(text: string): string;
};

/** What the variables of one playlist may expand to in total: unbounded, a few lines become gigabytes. */
const MAX_EXPANSION_CHARS = 8 * 1024 * 1024;

export function createVariables({
  baseUrl,
  importedVariables,
}: {
  baseUrl: string;
  importedVariables: ReadonlyMap<string, string>;
}): Variables {
  const values = new Map<string, string>();
  const query = URL.parse(baseUrl)?.searchParams;
  let remainingChars = MAX_EXPANSION_CHARS;

  function set(name: string | undefined, value: string | undefined): void {
    if (name !== undefined && value !== undefined) values.set(name, value);
  }

  function queryParameter(name: string): string | undefined {
    return query?.get(name) ?? undefined;
  }

  return {
    values,
    queryParameter,

    define(attributes) {
      const imported = attributes.get('IMPORT');
      const parameter = attributes.get('QUERYPARAM');
      if (imported !== undefined) set(imported, importedVariables.get(imported));
      else if (parameter !== undefined) set(parameter, queryParameter(parameter));
      else set(attributes.get('NAME'), attributes.get('VALUE'));
    },

    substitute(text) {
      if (values.size === 0 || !text.includes('{$')) return text;
      return text.replace(/\{\$([A-Za-z0-9_-]+)\}/g, (written, name: string) => {
        const value = values.get(name);
        if (value === undefined || value.length > remainingChars) return written;
        remainingChars -= value.length;
        return value;
      });
    },
  };
}
