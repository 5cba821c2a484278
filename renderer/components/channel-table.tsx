import {
  DndContext,
  DragOverlay,
  PointerSensor,
  useSensor,
  useSensors,
  type Announcements,
  type DragEndEvent,
  type DragMoveEvent,
} from '@dnd-kit/core';
import { Checkbox, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelQuery, ChannelRow as Row } from '../../shared/contract.ts';
import type { Pager, Pages } from '../pager.ts';
import { createRowMover } from '../row-mover.ts';
import { ALL, countOf, isChosen, joined, NONE, only, toggled, type Selection } from '../selection.ts';
import { ChannelRow, type EditableField, type RowActions } from './channel-row.tsx';
import './channel-table.css';

const ROW_HEIGHT = 48;
const OVERSCAN = 8;
const DRAG_STARTS_AFTER_PX = 4;

/** What was moved is said once it is; ids and coordinates on the way there mean nothing to anybody. */
const SILENT: Announcements = {
  onDragStart: () => undefined,
  onDragOver: () => undefined,
  onDragEnd: () => undefined,
  onDragCancel: () => undefined,
};

export type Sort = Pick<ChannelQuery, 'sort' | 'descending'>;

type ChannelTableProps = {
  pager: Pager<Row>;
  pages: Pages<Row>;
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
  const { pager, pages, listKey, selection, openId, onMove } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [editing, setEditing] = useState<{ id: string; field: EditableField }>();
  const [drag, setDrag] = useState<{ id: string; index: number; target: number }>();
  const total = pages.total ?? 0;
  const chosenCount = countOf(selection, total);

  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    // The row that is dragged stays, or the drag would end when it scrolls out of view.
    rangeExtractor: (range) => {
      const indexes = defaultRangeExtractor(range);
      return drag === undefined || indexes.includes(drag.index) ? indexes : [...indexes, drag.index];
    },
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => pager.show(first, last), [pager, first, last]);
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
          virtualizer.scrollToIndex(index);
        },
      }),
    // The virtualizer stays the same for the life of the table.
    [virtualizer],
  );

  const moveActive = (to: number): void => {
    const index = Math.max(0, Math.min(total - 1, to));
    setActive(index);
    virtualizer.scrollToIndex(index);
    const row = pages.rowAt(index);
    if (openId !== undefined && row !== undefined) props.onOpen(row.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The buttons of the head have keys of their own.
    if (event.target instanceof Element && event.target.closest('.channel-table__head') !== null) return;
    const rowsInView = Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1;
    const step = stepOf(event, rowsInView);
    const row = pages.rowAt(active);
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

  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: DRAG_STARTS_AFTER_PX } }));
  const targetOf = ({ activatorEvent, delta }: DragMoveEvent | DragEndEvent): number => {
    const element = scroller.current;
    if (element === null || !(activatorEvent instanceof PointerEvent)) return 0;
    const y = activatorEvent.clientY + delta.y - element.getBoundingClientRect().top + element.scrollTop - ROW_HEIGHT;
    return Math.max(0, Math.min(total, Math.round(y / ROW_HEIGHT)));
  };
  const onDragEnd = async (event: DragEndEvent): Promise<void> => {
    setDrag(undefined);
    const id = String(event.active.id);
    const target = targetOf(event);
    const [before] = target < total ? await pager.range(target, target) : [];
    onMove?.(isChosen(selection, id) ? selection : only(id), before?.id ?? null);
  };

  const dragged = drag === undefined ? undefined : pages.rowAt(drag.index);
  const isAllSelected = total > 0 && chosenCount === total;
  return (
    <DndContext
      sensors={sensors}
      accessibility={{
        screenReaderInstructions: { draggable: t('channels.dragHint') },
        announcements: SILENT,
      }}
      onDragStart={({ active: { id } }) => {
        const index = items.find((item) => pages.rowAt(item.index)?.id === id)?.index ?? 0;
        setDrag({ id: String(id), index, target: index });
      }}
      onDragMove={(event) => setDrag((state) => state && { ...state, target: targetOf(event) })}
      onDragCancel={() => setDrag(undefined)}
      onDragEnd={(event) => void onDragEnd(event)}
    >
      <div
        ref={scroller}
        className="channel-table"
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
            <div role="columnheader">{t('channels.status')}</div>
            <div role="columnheader" className="channel-table__viewers">
              {t('channels.viewers')}
            </div>
            <div role="columnheader" className="channel-table__rate">
              {t('channels.rate')}
            </div>
          </div>
        </div>
        <div role="rowgroup" className="channel-table__body" style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = pages.rowAt(index);
            return row === undefined ? (
              <PlaceholderRow key={`place ${index}`} index={index} top={start} />
            ) : (
              <ChannelRow
                key={row.id}
                row={row}
                index={index}
                top={start}
                isSelected={isChosen(selection, row.id)}
                isActive={index === active}
                isOpen={row.id === openId}
                canDrag={onMove !== undefined}
                editing={editing?.id === row.id ? editing.field : undefined}
                actions={actions}
              />
            );
          })}
          {drag !== undefined && (
            <div
              className="channel-table__drop"
              style={{ transform: `translateY(${drag.target * ROW_HEIGHT - 1}px)` }}
            />
          )}
        </div>
        {pages.total === 0 && props.empty}
      </div>
      <DragOverlay dropAnimation={null}>
        {dragged !== undefined && (
          <div className="channel-table__dragged">
            {isChosen(selection, dragged.id) && chosenCount > 1
              ? t('channels.selected', { count: chosenCount })
              : dragged.name}
          </div>
        )}
      </DragOverlay>
    </DndContext>
  );
}

/** Keeps a row's place, and its look, until it is fetched. */
function PlaceholderRow({ index, top }: { index: number; top: number }): ReactNode {
  return (
    <div
      className="channel-row channel-row--place"
      style={{ transform: `translateY(${top}px)` }}
      role="row"
      aria-rowindex={index + 2}
      aria-busy
    >
      <div role="gridcell" className="channel-row__bar" />
    </div>
  );
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

function selectAll({ pages, onSelect }: ChannelTableProps): void {
  if ((pages.total ?? 0) > 0) onSelect(ALL);
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
      const row = newest.current.pages.rowAt(index);
      if (row !== undefined) newest.current.onOpen(row.id);
    },
    toggle(index, isRange) {
      setActive(index);
      const { pager, pages, selection, onSelect } = newest.current;
      const row = pages.rowAt(index);
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
