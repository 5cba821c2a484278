import { NumberInput, Switch, TagsInput, TextInput } from '@mantine/core';
import { createContext, use, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { EditableSettings } from '../../shared/contract.ts';
import type { FieldErrors } from '../field-error.ts';

/** The settings as they are being edited. */
export type SettingsForm = {
  values: EditableSettings;
  errors: FieldErrors;
  change: (part: Partial<EditableSettings>) => void;
};

export const SettingsFormContext = createContext<SettingsForm | undefined>(undefined);

/** @throws Error outside of the form, which is a bug */
export function useSettingsForm(): SettingsForm {
  const form = use(SettingsFormContext);
  if (form === undefined) throw new Error('there is no settings form above this component');
  return form;
}

type NamesOf<Value> = {
  [Name in keyof EditableSettings]: EditableSettings[Name] extends Value ? Name : never;
}[keyof EditableSettings];

type TextName = Exclude<NamesOf<string>, 'language' | 'theme' | 'logLevel'>;

/** A setting that is a text. */
export function TextSetting({ name, placeholder }: { name: TextName; placeholder?: string }): ReactNode {
  const { t } = useTranslation();
  const { values, errors, change } = useSettingsForm();
  return (
    <TextInput
      label={t(`settings.${name}`)}
      description={t(`settings.${name}Hint`)}
      placeholder={placeholder ?? ''}
      value={values[name]}
      error={errors[name]}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  );
}

/** A setting that is a number. */
export function NumberSetting({ name, unit = '' }: { name: NamesOf<number>; unit?: string }): ReactNode {
  const { t } = useTranslation();
  const { values, errors, change } = useSettingsForm();
  return (
    <NumberInput
      label={t(`settings.${name}`)}
      description={t(`settings.${name}Hint`)}
      suffix={unit}
      allowDecimal={false}
      clampBehavior="none"
      value={values[name]}
      error={errors[name]}
      onChange={(value) => change({ [name]: value === '' ? Number.NaN : Number(value) })}
    />
  );
}

/** A setting that is on or off. */
export function SwitchSetting({ name }: { name: NamesOf<boolean> }): ReactNode {
  const { t } = useTranslation();
  const { values, change } = useSettingsForm();
  return (
    <Switch
      label={t(`settings.${name}`)}
      description={t(`settings.${name}Hint`)}
      checked={values[name]}
      onChange={(event) => change({ [name]: event.currentTarget.checked })}
    />
  );
}

/** A setting that is a list of texts. */
export function TagsSetting({ name, placeholder }: { name: NamesOf<string[]>; placeholder: string }): ReactNode {
  const { t } = useTranslation();
  const { values, errors, change } = useSettingsForm();
  return (
    <TagsInput
      label={t(`settings.${name}`)}
      description={t(`settings.${name}Hint`)}
      placeholder={values[name].length === 0 ? placeholder : ''}
      value={values[name]}
      error={errors[name]}
      onChange={(value) => change({ [name]: value })}
    />
  );
}
