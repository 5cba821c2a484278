export type NodeChoice = {
  root: string;
  version: string;
  execPath: string;
  platform: NodeJS.Platform;
  arch: string;
};

export function chooseNode(choice: NodeChoice): string | undefined;
