/** A value that changes, as `useSyncExternalStore` wants it. */
export type Readable<Value> = {
  get: () => Value;
  subscribe: (listener: () => void) => () => void;
};

/** Holds a value and tells when it is another one. */
export function createReadable<Value>(initial: Value): Readable<Value> & { set: (value: Value) => void } {
  const listeners = new Set<() => void>();
  let current = initial;
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
