import { Button, FileButton, type ButtonProps } from '@mantine/core';
import { useRef, type ReactNode } from 'react';

type PickFileProps = ButtonProps & { accept: string; onPick: (file: File) => void; children: ReactNode };

/** Lets the user choose a file; also the one chosen last, which may have another content by now. */
export function PickFile({ accept, onPick, children, ...look }: PickFileProps): ReactNode {
  const forget = useRef<() => void>(null);
  return (
    <FileButton
      resetRef={forget}
      accept={accept}
      onChange={(file) => {
        if (file !== null) onPick(file);
        forget.current?.();
      }}
    >
      {(props) => (
        <Button {...props} variant="default" {...look}>
          {children}
        </Button>
      )}
    </FileButton>
  );
}
