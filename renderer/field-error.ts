import type { TFunction } from 'i18next';
import { SettingsEdit, type EditableSettings } from '../shared/contract.ts';

export type SettingName = keyof EditableSettings;
export type FieldErrors = Partial<Record<SettingName, string>>;

/** What is wrong with settings, by field and in words. */
export function findFieldErrors(t: TFunction, settings: Partial<EditableSettings>): FieldErrors {
  const { error } = SettingsEdit.safeParse(settings);
  const found = (error?.issues ?? []).map(
    (issue) => [issue.path[0], describe(t, issue, String(issue.path[0]))] as const,
  );
  return Object.fromEntries(found) as FieldErrors;
}

type Issue = { code?: string; minimum?: unknown; maximum?: unknown; origin?: string };

function describe(t: TFunction, { code, minimum, maximum, origin }: Issue, field: string): string {
  if (code === 'too_small' && origin === 'number') return t('invalid.tooSmall', { minimum });
  if (code === 'too_big' && origin === 'number') return t('invalid.tooBig', { maximum });
  if (code === 'too_small') return t('invalid.empty');
  return t(`invalid.${field as 'port'}`, { defaultValue: t('invalid.other') });
}
