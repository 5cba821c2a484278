export function isInstalled(root: string): boolean;
export function recordInstall(root: string): void;
export function isBuilt(root: string): boolean;
export function buildFingerprint(root: string): string;
export function findWindowObstacle(machine: Pick<NodeJS.Process, 'platform' | 'env' | 'getuid'>): string | undefined;
export function packagingOptions(env: Record<string, string | undefined>): { options: string[]; lack?: string };
export function electronProgram(root: string): string | undefined;
export function whileLocked<T>(root: string, task: () => Promise<T>): Promise<T>;
