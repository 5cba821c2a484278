import { Checkbox, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelQuery, ChannelRow as Row } from '../../shared/contract.ts';
import type { Pager } from '../pager.ts';
import { createRowMover } from '../row-mover.ts';
import { ALL, countOf, isChosen, joined, NONE, only, toggled, type Selection } from '../selection.ts';
import type { EditableField, RowActions } from './channel-row.tsx';
import { ChannelRows, type RowsHandle } from './channel-rows.tsx';
import { ROW_HEIGHT, RowDrag } from './row-drag.tsx';
import './channel-table.css';

export type Sort = Pick<ChannelQuery, 'sort' | 'descending'>;

type ChannelTableProps = {
  pager: Pager<Row>;
  /** Undefined until it is known. */
  total: number | undefined;
  /** Changes when another list is shown: back to the top. */
  listKey: string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  openId: string | undefined;
  onOpen: (id: string | undefined) => void;
  onSave: (id: string, field: EditableField, text: string) => void;
  onRemove: (rows: Selection) => void;
  /** Undefined where the order shown is not the order kept. */
  onMove: ((rows: Selection, beforeId: string | null) => void) | undefined;
  empty: ReactNode;
};

/** All channels, however many: only the rows in view exist. */
export function ChannelTable(props: ChannelTableProps): ReactNode {
  const { pager, listKey, selection, openId, onMove } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [editing, setEditing] = useState<{ id: string; field: EditableField }>();
  const rows = useRef<RowsHandle>(null);
  const width = useWidth(scroller);
  const total = props.total ?? 0;
  const chosenCount = countOf(selection, total);

  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    setActive(0);
  }, [listKey]);

  const newest = useRef(props);
  useEffect(() => {
    newest.current = props;
  });
  const anchor = useRef(0);
  const actions = useMemo(() => createRowActions({ newest, anchor, setActive, setEditing }), []);
  const mover = useMemo(
    () =>
      createRowMover<Row>({
        pager: () => newest.current.pager,
        move: (row, before) => newest.current.onMove?.(only(row.id), before?.id ?? null),
        onMoved(index) {
          setActive(index);
          rows.current?.scrollTo(index);
        },
      }),
    [],
  );

  const moveActive = (to: number): void => {
    const index = Math.max(0, Math.min(total - 1, to));
    setActive(index);
    rows.current?.scrollTo(index);
    const row = pager.get().rowAt(index);
    if (openId !== undefined && row !== undefined) props.onOpen(row.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The buttons of the head have keys of their own.
    if (event.target instanceof Element && event.target.closest('.channel-table__head') !== null) return;
    const rowsInView = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1;
    const step = stepOf(event, rowsInView);
    const row = pager.get().rowAt(active);
    if (event.altKey && Math.abs(step ?? 0) === 1) {
      if (onMove !== undefined) mover.step(active, step === -1 ? -1 : 1);
    } else if (step !== undefined) moveActive(active + step);
    else if (event.key === 'Home') moveActive(0);
    else if (event.key === 'End') moveActive(total - 1);
    else if (event.key === ' ') actions.toggle(active, event.shiftKey);
    else if (event.key === 'Enter') actions.open(active);
    else if (event.key === 'F2' && row !== undefined) actions.edit(row.id, 'name');
    else if (event.key === 'Delete' && chosenCount > 0) props.onRemove(selection);
    else if (event.key === 'Delete' && row !== undefined) props.onRemove(only(row.id));
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) selectAll(props);
    else if (event.key === 'Escape') leave(props);
    else return;
    event.preventDefault();
  };

  const moveTo = async (row: Row, target: number): Promise<void> => {
    const [before] = target < total ? await pager.range(target, target) : [];
    onMove?.(isChosen(selection, row.id) ? selection : only(row.id), before?.id ?? null);
  };

  const isAllSelected = total > 0 && chosenCount === total;
  return (
    <RowDrag
      total={total}
      rowAt={(index) => pager.get().rowAt(index)}
      labelOf={({ id, name }) =>
        isChosen(selection, id) && chosenCount > 1 ? t('channels.selected', { count: chosenCount }) : name
      }
      onDrop={(row, target) => void moveTo(row, target)}
      instructions={t('channels.dragHint')}
    >
      {(drop) => (
        <div
          ref={scroller}
          className="channel-table"
          data-width={width}
          role="grid"
          tabIndex={0}
          aria-label={t('views.channels')}
          aria-rowcount={total + 1}
          aria-multiselectable
          aria-activedescendant={total > 0 ? `channel-row-${active}` : undefined}
          onKeyDown={onKeyDown}
        >
          <div role="rowgroup" className="channel-table__head">
            <div role="row" aria-rowindex={1} className="channel-table__head-row">
              <div role="columnheader">
                <VisuallyHidden>{t('channels.drag')}</VisuallyHidden>
              </div>
              <div role="columnheader">
                <Checkbox
                  size="xs"
                  aria-label={t('channels.selectAll')}
                  checked={isAllSelected}
                  indeterminate={chosenCount > 0 && !isAllSelected}
                  onChange={() => (isAllSelected ? props.onSelect(NONE) : selectAll(props))}
                />
              </div>
              <SortHeader by="number" {...props} />
              <SortHeader by="name" {...props} />
              <SortHeader by="group" {...props} />
              <div role="columnheader" className="channel-table__status">
                {t('channels.status')}
              </div>
              <div role="columnheader" className="channel-table__viewers">
                {t('channels.viewers')}
              </div>
              <div role="columnheader" className="channel-table__rate">
                {t('channels.rate')}
              </div>
            </div>
          </div>
          <ChannelRows
            ref={rows}
            {...{ scroller, pager, selection, active, openId, editing, drop, actions }}
            canDrag={onMove !== undefined}
          />
          {props.total === 0 && props.empty}
        </div>
      )}
    </RowDrag>
  );
}

type Width = 'wide' | 'medium' | 'narrow';

/** How many columns have room in an element. */
function useWidth(element: RefObject<HTMLElement | null>): Width {
  const [width, setWidth] = useState<Width>('wide');
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const measure = (): void => setWidth(widthOf(current.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

function widthOf(pixels: number): Width {
  if (pixels > 760) return 'wide';
  return pixels > 520 ? 'medium' : 'narrow';
}

function SortHeader({ by, sort, onSort }: { by: EditableField; sort: Sort; onSort: (sort: Sort) => void }): ReactNode {
  const { t } = useTranslation();
  const isSorted = sort.sort === by;
  const SortIcon = sort.descending ? IconArrowDown : IconArrowUp;
  const order = sort.descending ? 'descending' : 'ascending';
  // The third click returns to the kept order.
  const next: Sort = !isSorted
    ? { sort: by, descending: false }
    : sort.descending
      ? { sort: 'position', descending: false }
      : { sort: by, descending: true };
  return (
    <div role="columnheader" className={`channel-table__${by}`} aria-sort={isSorted ? order : 'none'}>
      <button type="button" className="channel-table__sort" onClick={() => onSort(next)}>
        {t(`channels.field.${by}`)}
        {isSorted && <SortIcon size={13} aria-hidden />}
      </button>
    </div>
  );
}

/** The rows an arrow or page key goes; undefined for other keys. */
function stepOf({ key }: KeyboardEvent, rowsInView: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return 1;
    case 'ArrowUp':
      return -1;
    case 'PageDown':
      return rowsInView;
    case 'PageUp':
      return -rowsInView;
    default:
      return undefined;
  }
}

function leave({ openId, onOpen, onSelect }: ChannelTableProps): void {
  if (openId !== undefined) onOpen(undefined);
  else onSelect(NONE);
}

function selectAll({ total = 0, onSelect }: ChannelTableProps): void {
  if (total > 0) onSelect(ALL);
}

function idsOf(rows: readonly Row[]): string[] {
  return rows.map(({ id }) => id);
}

/** Functions that stay the same for the life of the table and look up what holds when they are called. */
function createRowActions({
  newest,
  anchor,
  setActive,
  setEditing,
}: {
  newest: { current: ChannelTableProps };
  anchor: { current: number };
  setActive: (index: number) => void;
  setEditing: (editing: { id: string; field: EditableField } | undefined) => void;
}): RowActions {
  return {
    open(index) {
      setActive(index);
      const row = newest.current.pager.get().rowAt(index);
      if (row !== undefined) newest.current.onOpen(row.id);
    },
    toggle(index, isRange) {
      setActive(index);
      const { pager, selection, onSelect } = newest.current;
      const row = pager.get().rowAt(index);
      if (row === undefined) return;
      if (isRange) {
        const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
        void pager.range(from, to).then((rows) => onSelect(joined(selection, idsOf(rows))));
        return;
      }
      anchor.current = index;
      onSelect(toggled(selection, row.id));
    },
    edit: (id, field) => setEditing({ id, field }),
    save(id, field, text) {
      setEditing(undefined);
      newest.current.onSave(id, field, text);
    },
    stopEditing: () => setEditing(undefined),
  };
}
