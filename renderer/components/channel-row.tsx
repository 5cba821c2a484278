import { TextInput } from '@mantine/core';
import { IconGripVertical, IconStarFilled } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { memo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChannelRow as Row } from '../../shared/contract.ts';
import type { Format } from '../format.ts';
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

const HEALTH_TONES = { plays: 'good', warning: 'warning', broken: 'bad', unknown: 'neutral' } as const;

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

/**
 * One channel in the table. While the table scrolls, the component and its elements are handed from channel to channel, so
 * nothing in it may remember one; and what it is built of is plain, because thirty of them stand in every frame.
 */
export const ChannelRow = memo(function ChannelRow(props: ChannelRowProps): ReactNode {
  const { row, index, top, isSelected, isActive, isOpen, canDrag, editing, actions } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const status = statusOf(row, t, format);
  const classes = ['channel-row'];
  if (isSelected) classes.push('channel-row--selected');
  if (isActive) classes.push('channel-row--active');
  if (isOpen) classes.push('channel-row--open');
  if (!row.enabled || row.goneAt !== null) classes.push('channel-row--off');
  const cell = (field: EditableField, text: string, role?: string): ReactNode =>
    editing === field ? (
      <div role={role} className={`channel-row__${field} channel-row__editing`}>
        <CellEditor key={row.id} row={row} field={field} text={text} actions={actions} />
      </div>
    ) : (
      <div
        role={role}
        className={`truncate channel-row__text channel-row__${field}`}
        title={text}
        onDoubleClick={(event) => {
          event.stopPropagation();
          actions.edit(row.id, field);
        }}
      >
        {text}
      </div>
    );
  return (
    <div
      id={`channel-row-${index}`}
      className={classes.join(' ')}
      style={{ top }}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      onClick={() => actions.open(index)}
    >
      <div role="gridcell" className="channel-row__grip">
        {canDrag && <IconGripVertical size={16} aria-hidden onClick={(event) => event.stopPropagation()} />}
      </div>
      <div role="gridcell" className="channel-row__check">
        <input
          type="checkbox"
          className="channel-row__box"
          tabIndex={-1}
          checked={isSelected}
          aria-label={row.name}
          onClick={(event) => {
            event.stopPropagation();
            actions.toggle(index, event.shiftKey);
          }}
          onChange={() => undefined}
        />
      </div>
      {cell('number', row.number === null ? '' : String(row.number), 'gridcell')}
      <div role="gridcell" className="channel-row__name">
        <ChannelLogo logo={row.logo} name={row.name} />
        {cell('name', row.name)}
        {row.favourite && (
          <IconStarFilled size={14} className="channel-row__star" aria-label={t('channels.favourite')} />
        )}
      </div>
      {cell('group', row.group, 'gridcell')}
      <div role="gridcell" className="channel-row__status">
        <StatusDot tone={status.tone} />
        <span className="truncate" title={status.explanation}>
          {status.text}
        </span>
      </div>
      <LiveCells id={row.id} />
    </div>
  );
});

type CellEditorProps = { row: Row; field: EditableField; text: string; actions: RowActions };

function CellEditor({ row, field, text, actions }: CellEditorProps): ReactNode {
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

/** How a channel is, in words. */
function statusOf(row: Row, t: TFunction, format: Format): { tone: Tone; text: string; explanation: string } {
  const [tone, words] = stateOf(row);
  const text = words === 'gone' ? t('health.gone', { time: format.day(row.goneAt ?? 0) }) : t(`health.${words}`);
  const explanation = row.healthSentence === null ? text : format.sentence(row.healthSentence);
  const isExplained = words === 'warning' || words === 'broken';
  return { tone, text: isExplained ? explanation : text, explanation };
}

function stateOf(row: Row): [Tone, 'disabled' | 'gone' | Row['health']] {
  if (!row.enabled) return ['neutral', 'disabled'];
  if (row.goneAt !== null) return ['warning', 'gone'];
  return [HEALTH_TONES[row.health], row.health];
}

/** What changes every second is its own component, so that the row is not rendered for it. */
function LiveCells({ id }: { id: string }): ReactNode {
  const format = useFormat();
  const live = useSnapshot(({ channels }) => channels.find((channel) => channel.id === id));
  const viewers = live?.viewers ?? 0;
  const rate = live?.traffic.bytesPerSecond10.toClients ?? 0;
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
