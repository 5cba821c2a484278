import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { IconListDetails, IconPlus, IconSearch, IconX } from '@tabler/icons-react';
import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ChannelQuery, type ChannelEdit } from '../../shared/contract.ts';
import { AddDialog, type AddMode } from '../components/add-dialog.tsx';
import { BulkBar } from '../components/bulk-bar.tsx';
import { ChannelMenu } from '../components/channel-menu.tsx';
import { ChannelPanel } from '../components/channel-panel.tsx';
import type { EditableField } from '../components/channel-row.tsx';
import { ChannelTable, type Sort } from '../components/channel-table.tsx';
import { EmptyNote } from '../components/empty-note.tsx';
import { ListsDrawer } from '../components/lists-drawer.tsx';
import { countOf, isChosen, NONE, only, toChannels, type Selection } from '../selection.ts';
import { useAction } from '../use-action.ts';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { usePager, useTotal } from '../use-pager.ts';
import { useRelay, useRevision } from '../use-relay.ts';
import { navigate } from '../use-route.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { useUndo } from '../use-undo.tsx';
import './channels.css';

const SEARCH_SETTLES_MS = 160;
const GROUPS_SHOWN = 200;
const STATES = ChannelQuery.shape.state.unwrap().options;
type State = (typeof STATES)[number];

const KEPT_ORDER: Sort = { sort: 'position', descending: false };

/** All channels: find, arrange, edit, remove; the open one beside them. */
export function Channels({ openId }: { openId: string | undefined }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const revision = useRevision();
  const channelCount = useSnapshot((snapshot) => snapshot.channelCount);
  const { offerUndo, undo } = useUndo();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, SEARCH_SETTLES_MS);
  const [group, setGroup] = useState<string | null>(null);
  const [state, setState] = useState<State>('all');
  const [sort, setSort] = useState<Sort>(KEPT_ORDER);
  const [chosen, setChosen] = useState<{ selection: Selection; filterKey: string }>();
  const [adding, setAdding] = useState<AddMode>();
  const [isListsOpen, setListsOpen] = useState(false);
  const searchField = useRef<HTMLInputElement>(null);

  const filter = useMemo(() => ({ search, group, state, ...sort }), [search, group, state, sort]);
  const listKey = JSON.stringify(filter);
  const filterKey = JSON.stringify({ search, group, state });
  // All that was shown is not all that is shown now.
  const isOfOtherRows = chosen?.selection.kind === 'all' && chosen.filterKey !== filterKey;
  const selection = chosen === undefined || isOfOtherRows ? NONE : chosen.selection;
  const setSelection = (next: Selection): void => setChosen({ selection: next, filterKey });
  const pager = usePager(listKey, revision, (page) => relay.call('channels.query', { ...filter, ...page }));
  const total = useTotal(pager);
  const chosenCount = countOf(selection, total ?? 0);
  const groups = useCommand('channels.groups', {}, revision).value ?? [];
  const isFiltered = search !== '' || group !== null || state !== 'all';
  const clearFilters = (): void => {
    setTyped('');
    setGroup(null);
    setState('all');
  };

  const { run: save } = useAction(
    useCallback(
      async (id: string, field: EditableField, text: string) => {
        await relay.call('channels.save', { id, edit: toEdit(field, text) });
        offerUndo(t('channels.saved'));
      },
      [relay, offerUndo, t],
    ),
  );
  const { run: remove } = useAction(async (rows: Selection) => {
    const { removed } = await relay.call('channels.remove', { selection: toChannels(rows, filter) });
    setSelection(NONE);
    if (openId !== undefined && isChosen(rows, openId)) open(undefined);
    offerUndo(t('channels.removed', { count: removed }));
  });
  const { run: move } = useAction(async (rows: Selection, beforeId: string | null) => {
    const { moved } = await relay.call('channels.move', { selection: toChannels(rows, filter), beforeId });
    offerUndo(t('channels.moved', { count: moved }));
  });

  useHotkeys([
    ['mod+Z', undo],
    ['mod+F', () => searchField.current?.focus()],
    ['/', () => searchField.current?.focus()],
  ]);

  return (
    <div className={`channels ${openId === undefined ? '' : 'channels--open'}`}>
      <header className="channels__head">
        <h1 className="channels__title">
          {t('views.channels')}
          <span className="channels__count figures">{format.count(total ?? channelCount ?? 0)}</span>
        </h1>
        <div className="channels__tools">
          <TextInput
            ref={searchField}
            className="channels__search"
            aria-label={t('channels.search')}
            placeholder={t('channels.search')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && setTyped('')}
          />
          <Select
            className="channels__group"
            aria-label={t('channels.field.group')}
            placeholder={t('channels.allGroups')}
            searchable
            clearable
            limit={GROUPS_SHOWN}
            value={group}
            onChange={setGroup}
            nothingFoundMessage={t('channels.noGroup')}
            data={groups.map(({ name, count }) => ({
              value: name,
              label: `${name === '' ? t('channels.noGroupName') : name} (${format.count(count)})`,
            }))}
          />
          <Select
            className="channels__state"
            aria-label={t('channels.state')}
            allowDeselect={false}
            value={state}
            onChange={(value) => setState(STATES.find((known) => known === value) ?? 'all')}
            data={STATES.map((value) => ({ value, label: t(`channels.states.${value}`) }))}
          />
          <ChannelMenu groups={groups} onLists={() => setListsOpen(true)} onAdd={setAdding} />
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setAdding('list')}>
            {t('action.add')}
          </Button>
        </div>
      </header>
      <div className="channels__body">
        <div className="channels__table">
          <ChannelTable
            pager={pager}
            total={total}
            listKey={listKey}
            sort={sort}
            onSort={setSort}
            selection={selection}
            onSelect={setSelection}
            openId={openId}
            onOpen={open}
            onSave={save}
            onRemove={remove}
            onMove={sort.sort === 'position' && !sort.descending && !isFiltered ? move : undefined}
            empty={
              isFiltered ? (
                <EmptyNote icon={IconSearch} title={t('channels.noMatch')} text={t('channels.noMatchText')}>
                  <Button variant="default" leftSection={<IconX size={16} aria-hidden />} onClick={clearFilters}>
                    {t('channels.clearFilters')}
                  </Button>
                </EmptyNote>
              ) : (
                <EmptyNote icon={IconListDetails} title={t('channels.none')} text={t('channels.noneText')}>
                  <Button onClick={() => setAdding('list')}>{t('channels.addList')}</Button>
                  <Button variant="default" onClick={() => setAdding('channel')}>
                    {t('channels.addOne')}
                  </Button>
                </EmptyNote>
              )
            }
          />
          {chosenCount > 0 && (
            <BulkBar
              selection={toChannels(selection, filter)}
              count={chosenCount}
              groups={groups}
              onClear={() => setSelection(NONE)}
              onRemove={() => remove(selection)}
              onChanged={offerUndo}
            />
          )}
        </div>
        {openId !== undefined && (
          <ChannelPanel
            key={openId}
            id={openId}
            onClose={() => open(undefined)}
            onRemove={() => remove(only(openId))}
            onSaved={() => offerUndo(t('channels.saved'))}
          />
        )}
      </div>
      <AddDialog mode={adding} onClose={() => setAdding(undefined)} />
      <ListsDrawer isOpen={isListsOpen} onClose={() => setListsOpen(false)} onAdd={() => setAdding('list')} />
    </div>
  );
}

/** The open channel is in the address, so that a reload comes back to it. */
function open(id: string | undefined): void {
  navigate('channels', id, { replace: true });
}

function toEdit(field: EditableField, text: string): ChannelEdit {
  if (field !== 'number') return { [field]: text };
  return { number: text === '' ? null : Number(text) };
}
