import { useDraggable } from '@dnd-kit/core';
import { Checkbox, TextInput } from '@mantine/core';
import { IconGripVertical, IconStarFilled } from '@tabler/icons-react';
import { memo, useState, type MouseEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelRow as Row } from '../../shared/contract.ts';
import { useFormat } from '../use-format.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { ChannelLogo } from './channel-logo.tsx';
import { StatusDot, type Tone } from './status-dot.tsx';

export type EditableField = 'number' | 'name' | 'group';

/** What a row tells the table; the same functions for all rows and all times, so that rows do not render again. */
export type RowActions = {
  open: (index: number) => void;
  toggle: (index: number, isRange: boolean) => void;
  edit: (id: string, field: EditableField) => void;
  save: (id: string, field: EditableField, text: string) => void;
  stopEditing: () => void;
};

type ChannelRowProps = {
  row: Row;
  index: number;
  top: number;
  isSelected: boolean;
  isActive: boolean;
  isOpen: boolean;
  canDrag: boolean;
  editing: EditableField | undefined;
  actions: RowActions;
};

/** One channel in the table. */
export const ChannelRow = memo(function ChannelRow(props: ChannelRowProps): ReactNode {
  const { row, index, top, isSelected, isActive, isOpen, canDrag, editing, actions } = props;
  const { t } = useTranslation();
  const classes = ['channel-row'];
  if (isSelected) classes.push('channel-row--selected');
  if (isActive) classes.push('channel-row--active');
  if (isOpen) classes.push('channel-row--open');
  if (!row.enabled || row.goneAt !== null) classes.push('channel-row--off');
  const cell = (field: EditableField, text: string): ReactNode => (
    <TextCell row={row} field={field} text={text} isEditing={editing === field} actions={actions} />
  );
  return (
    <div
      id={`channel-row-${index}`}
      className={classes.join(' ')}
      style={{ transform: `translateY(${top}px)` }}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      onClick={() => actions.open(index)}
    >
      <div role="gridcell" className="channel-row__grip">
        {canDrag && <Grip id={row.id} />}
      </div>
      <div role="gridcell" className="channel-row__check">
        <Checkbox
          size="xs"
          tabIndex={-1}
          checked={isSelected}
          aria-label={t('channels.select', { name: row.name })}
          onClick={(event) => {
            event.stopPropagation();
            actions.toggle(index, event.shiftKey);
          }}
          onChange={() => undefined}
        />
      </div>
      {cell('number', row.number === null ? '' : String(row.number))}
      <div role="gridcell" className="channel-row__name">
        <ChannelLogo logo={row.logo} name={row.name} />
        <TextCell row={row} field="name" text={row.name} isEditing={editing === 'name'} actions={actions} isBare />
        {row.favourite && (
          <IconStarFilled size={14} className="channel-row__star" aria-label={t('channels.favourite')} />
        )}
      </div>
      {cell('group', row.group)}
      <div role="gridcell" className="channel-row__status">
        <RowStatus row={row} />
      </div>
      <LiveCells id={row.id} />
    </div>
  );
});

function Grip({ id }: { id: string }): ReactNode {
  const { t } = useTranslation();
  const { attributes, listeners, setNodeRef } = useDraggable({ id });
  return (
    <span
      ref={setNodeRef}
      {...attributes}
      {...listeners}
      tabIndex={-1}
      aria-label={t('channels.drag')}
      onClick={(event) => event.stopPropagation()}
    >
      <IconGripVertical size={16} aria-hidden />
    </span>
  );
}

type TextCellProps = {
  row: Row;
  field: EditableField;
  text: string;
  isEditing: boolean;
  actions: RowActions;
  isBare?: boolean;
};

/** A text that becomes a field on a double click. */
function TextCell({ row, field, text, isEditing, actions, isBare = false }: TextCellProps): ReactNode {
  if (isEditing) {
    return (
      <div role={isBare ? undefined : 'gridcell'} className={`channel-row__${field} channel-row__editing`}>
        <CellEditor row={row} field={field} text={text} actions={actions} />
      </div>
    );
  }
  const startEditing = (event: MouseEvent): void => {
    event.stopPropagation();
    actions.edit(row.id, field);
  };
  return (
    <div
      role={isBare ? undefined : 'gridcell'}
      className={`truncate channel-row__text channel-row__${field}`}
      title={text}
      onDoubleClick={startEditing}
    >
      {text}
    </div>
  );
}

function CellEditor({ row, field, text, actions }: Omit<TextCellProps, 'isEditing'>): ReactNode {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(text);
  const finish = (): void => {
    if (draft.trim() === text) actions.stopEditing();
    else actions.save(row.id, field, draft.trim());
  };
  return (
    <TextInput
      size="xs"
      data-autofocus
      autoFocus
      aria-label={t(`channels.field.${field}`)}
      inputMode={field === 'number' ? 'numeric' : 'text'}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onFocus={(event) => event.currentTarget.select()}
      onClick={(event) => event.stopPropagation()}
      onBlur={finish}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') actions.stopEditing();
      }}
    />
  );
}

function RowStatus({ row }: { row: Row }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [tone, words] = statusOf(row);
  const text = words === 'gone' ? t('health.gone', { time: format.day(row.goneAt ?? 0) }) : t(`health.${words}`);
  const explanation = row.healthSentence && format.sentence(row.healthSentence);
  const isExplained = words === 'warning' || words === 'broken';
  return (
    <>
      <StatusDot tone={tone} />
      <span className="truncate" title={explanation ?? text}>
        {isExplained ? (explanation ?? text) : text}
      </span>
    </>
  );
}

function statusOf(row: Row): [Tone, 'disabled' | 'gone' | Row['health']] {
  if (!row.enabled) return ['neutral', 'disabled'];
  if (row.goneAt !== null) return ['warning', 'gone'];
  switch (row.health) {
    case 'plays':
      return ['good', 'plays'];
    case 'warning':
      return ['warning', 'warning'];
    case 'broken':
      return ['bad', 'broken'];
    case 'unknown':
      return ['neutral', 'unknown'];
  }
}

/** What changes every second is its own component, so that the row is not rendered for it. */
function LiveCells({ id }: { id: string }): ReactNode {
  const format = useFormat();
  const viewers = useSnapshot(({ channels }) => channels.find((channel) => channel.id === id)?.viewers) ?? 0;
  const rate =
    useSnapshot(({ channels }) => channels.find((channel) => channel.id === id)?.traffic.bytesPerSecond10.toClients) ??
    0;
  return (
    <>
      <div role="gridcell" className="channel-row__viewers figures">
        {viewers > 0 ? format.count(viewers) : ''}
      </div>
      <div role="gridcell" className="channel-row__rate figures">
        {rate > 0 ? format.bitRate(rate) : ''}
      </div>
    </>
  );
}
