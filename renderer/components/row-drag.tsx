import {
  DndContext,
  DragOverlay,
  PointerSensor,
  useSensor,
  useSensors,
  type Active,
  type Announcements,
  type DragMoveEvent,
} from '@dnd-kit/core';
import { useState, type ReactNode } from 'react';

export const ROW_HEIGHT = 48;
const DRAG_STARTS_AFTER_PX = 4;

/** What was moved is said once it is; ids and coordinates on the way there mean nothing to anybody. */
const SILENT: Announcements = {
  onDragStart: () => undefined,
  onDragOver: () => undefined,
  onDragEnd: () => undefined,
  onDragCancel: () => undefined,
};

type RowDragProps<Row> = {
  total: number;
  rowAt: (index: number) => Row | undefined;
  /** What is shown at the pointer meanwhile. */
  labelOf: (row: Row) => string;
  /** @param target index of the row before which the other comes to stand; `total`: at the end */
  onDrop: (row: Row, target: number) => void;
  instructions: string;
  /** @param target where it would come to stand now; undefined while nothing is dragged */
  children: (target: number | undefined) => ReactNode;
};

/** Where a row was taken. */
export type HeldRow = {
  index: number;
  /** Distance of the first row from the top of the window, in pixels; negative where the table was scrolled. */
  tableTop: number;
};

/** Lets one row at a time be dragged to another place in a table that may be longer than the screen. */
export function RowDrag<Row>({ total, rowAt, labelOf, onDrop, instructions, children }: RowDragProps<Row>): ReactNode {
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: DRAG_STARTS_AFTER_PX } }));
  // The row itself, because its place scrolls away under it.
  const [drag, setDrag] = useState<{ row: Row; target: number }>();
  const targetOf = ({ active, activatorEvent, delta }: DragMoveEvent): number => {
    if (!(activatorEvent instanceof PointerEvent)) return 0;
    // How far the table was scrolled since then is part of `delta`.
    const y = activatorEvent.clientY + delta.y - heldRow(active).tableTop;
    return Math.max(0, Math.min(total, Math.round(y / ROW_HEIGHT)));
  };
  return (
    <DndContext
      sensors={sensors}
      accessibility={{ screenReaderInstructions: { draggable: instructions }, announcements: SILENT }}
      onDragStart={({ active }) => {
        const { index } = heldRow(active);
        const row = rowAt(index);
        setDrag(row && { row, target: index });
      }}
      onDragMove={(event) => setDrag((state) => state && { ...state, target: targetOf(event) })}
      onDragCancel={() => setDrag(undefined)}
      onDragEnd={(event) => {
        setDrag(undefined);
        if (drag !== undefined) onDrop(drag.row, targetOf(event));
      }}
    >
      {children(drag?.target)}
      <DragOverlay dropAnimation={null}>
        {drag !== undefined && <div className="channel-table__dragged">{labelOf(drag.row)}</div>}
      </DragOverlay>
    </DndContext>
  );
}

function heldRow({ data }: Active): HeldRow {
  return data.current as HeldRow;
}
