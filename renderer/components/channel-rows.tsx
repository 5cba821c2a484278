import { useDraggable } from '@dnd-kit/core';
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import {
  memo,
  useEffect,
  useImperativeHandle,
  useRef,
  type PointerEvent,
  type ReactNode,
  type Ref,
  type RefObject,
} from 'react';
import type { ChannelRow as Row } from '../../shared/contract.ts';
import type { Pager } from '../pager.ts';
import { isChosen, type Selection } from '../selection.ts';
import { usePages } from '../use-pager.ts';
import { ChannelRow, type EditableField, type RowActions } from './channel-row.tsx';
import { ROW_HEIGHT, type HeldRow } from './row-drag.tsx';

const OVERSCAN = 4;
/** Rows that go by in one frame, and frames on end in which they do, from which on nobody can read them. */
const UNREADABLE_ROWS = 5;
const FLIGHT_LEAPS = 3;
/** The rows where it comes to rest are shown after this. */
const REST_MS = 80;

export type RowsHandle = { scrollTo: (index: number) => void };

type ChannelRowsProps = {
  ref: Ref<RowsHandle>;
  scroller: RefObject<HTMLDivElement | null>;
  pager: Pager<Row>;
  selection: Selection;
  /** Index of the row that keys act on. */
  active: number;
  openId: string | undefined;
  editing: { id: string; field: EditableField } | undefined;
  canDrag: boolean;
  /** Index of the row before which what is dragged would come to stand. */
  drop: number | undefined;
  actions: RowActions;
};

/** The rows in view; only this renders while the table scrolls. */
export function ChannelRows(props: ChannelRowsProps): ReactNode {
  const { ref, scroller, pager, selection, active, openId, editing, canDrag, drop, actions } = props;
  const pages = usePages(pager);
  const virtualizer = useVirtualizer({
    count: pages.total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    isScrollingResetDelay: REST_MS,
  });
  useImperativeHandle(ref, () => ({ scrollTo: (index) => virtualizer.scrollToIndex(index) }), [virtualizer]);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const places = usePlaces(items, virtualizer.isScrolling);
  const isFlying = useFlight(items, virtualizer.isScrolling);
  useEffect(() => {
    if (!isFlying) pager.show(first, last);
  }, [pager, first, last, isFlying]);
  const grab = useGrip();
  return (
    <div
      role="rowgroup"
      className="channel-table__body"
      style={{ height: virtualizer.getTotalSize() }}
      onPointerDown={grab}
    >
      {places.map(({ slot, index, start }) => {
        const row = isFlying ? undefined : pages.rowAt(index);
        return row === undefined ? (
          <PlaceholderRow key={slot} index={index} top={start} />
        ) : (
          <ChannelRow
            key={slot}
            row={row}
            index={index}
            top={start}
            isSelected={isChosen(selection, row.id)}
            isActive={index === active}
            isOpen={row.id === openId}
            canDrag={canDrag}
            editing={editing?.id === row.id ? editing.field : undefined}
            actions={actions}
          />
        );
      })}
      {drop !== undefined && (
        <div className="channel-table__drop" style={{ transform: `translateY(${drop * ROW_HEIGHT - 1}px)` }} />
      )}
    </div>
  );
}

type Place = { slot: number; index: number; start: number };

/**
 * Elements that leave at one end come back at the other with the next channel, because new ones take most of a frame; so does
 * putting them in order, which waits until the table rests.
 */
function usePlaces(items: readonly VirtualItem[], isScrolling: boolean): Place[] {
  const slotCount = useRef(1);
  slotCount.current = Math.max(slotCount.current, items.length);
  const order = useRef<number[]>([]);
  const places = items.map(({ index, start }) => ({ slot: index % slotCount.current, index, start }));
  if (isScrolling) {
    const rank = new Map(order.current.map((slot, at) => [slot, at]));
    places.sort(
      (one, other) => (rank.get(one.slot) ?? Infinity) - (rank.get(other.slot) ?? Infinity) || one.index - other.index,
    );
  }
  order.current = places.map(({ slot }) => slot);
  return places;
}

/** Whether rows fly by faster than anybody reads: then their places are enough. A single leap is no flight. */
function useFlight(items: readonly VirtualItem[], isScrolling: boolean): boolean {
  const first = items[0]?.index ?? 0;
  const last = useRef({ first, leaps: 0 });
  const distance = Math.abs(first - last.current.first);
  if (distance > 0) last.current = { first, leaps: distance >= UNREADABLE_ROWS ? last.current.leaps + 1 : 0 };
  return isScrolling && last.current.leaps >= FLIGHT_LEAPS;
}

/** One thing to drag for all rows, which becomes the row whose grip is held: one for each takes as long as the rest of the row. */
function useGrip(): (event: PointerEvent) => void {
  const held = useRef<HeldRow>({ index: 0, tableTop: 0 });
  const { listeners, setNodeRef } = useDraggable({ id: 'channel', data: held.current });
  return (event) => {
    const grip = event.target instanceof Element ? event.target.closest('.channel-row__grip') : null;
    const row = grip?.closest<HTMLElement>('.channel-row');
    if (row === undefined || row === null) return;
    held.current.index = Number(row.ariaRowIndex) - 2;
    held.current.tableTop = event.currentTarget.getBoundingClientRect().top;
    setNodeRef(row);
    listeners?.['onPointerDown']?.(event);
  };
}

/** Keeps a row's place, and its look, until it is fetched. */
const PlaceholderRow = memo(function PlaceholderRow({ index, top }: { index: number; top: number }): ReactNode {
  return (
    <div className="channel-row channel-row--place" style={{ top }} role="row" aria-rowindex={index + 2} aria-busy>
      <div role="gridcell" className="channel-row__bar" />
    </div>
  );
});
