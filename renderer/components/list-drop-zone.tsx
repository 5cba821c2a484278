import { IconFileDownload } from '@tabler/icons-react';
import { useState, type DragEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListOrigin } from '../../shared/contract.ts';
import { decodeList } from '../list-text.ts';
import { useAction } from '../use-action.ts';
import { AddDialog } from './add-dialog.tsx';
import './list-drop-zone.css';

/** Takes a list file, or the address of one, dropped anywhere on the window. */
export function ListDropZone({ children }: { children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const [depth, setDepth] = useState(0);
  const [dropped, setDropped] = useState<ListOrigin>();
  const { run: take } = useAction(async (data: DataTransfer) => setDropped(await readDrop(data)));
  const isWanted = (event: DragEvent): boolean =>
    event.dataTransfer.types.some((type) => type === 'Files' || type === 'text/uri-list');
  return (
    <div
      className="list-drop-zone"
      onDragEnter={(event) => isWanted(event) && setDepth((last) => last + 1)}
      onDragLeave={(event) => isWanted(event) && setDepth((last) => Math.max(0, last - 1))}
      onDragOver={(event) => isWanted(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!isWanted(event)) return;
        event.preventDefault();
        setDepth(0);
        take(event.dataTransfer);
      }}
    >
      {children}
      {depth > 0 && (
        <div className="list-drop-zone__veil">
          <div className="list-drop-zone__note">
            <IconFileDownload size={34} stroke={1.4} aria-hidden />
            {t('add.drop')}
          </div>
        </div>
      )}
      <AddDialog
        mode={dropped === undefined ? undefined : 'list'}
        {...(dropped !== undefined && { origin: dropped })}
        onClose={() => setDropped(undefined)}
      />
    </div>
  );
}

async function readDrop(data: DataTransfer): Promise<ListOrigin | undefined> {
  const file = data.files[0];
  if (file !== undefined) {
    return { kind: 'text', name: file.name, text: decodeList(new Uint8Array(await file.arrayBuffer())) };
  }
  const url = data.getData('text/uri-list').split('\n')[0]?.trim() ?? '';
  return /^https?:\/\//i.test(url) ? { kind: 'url', url } : undefined;
}
