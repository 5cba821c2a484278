import { createTheme, Drawer, Modal, type CSSVariablesResolver } from '@mantine/core';

/** Without a blur: where no graphics card helps, one is computed for the whole window with every frame of a dialog. */
const VEIL = { backgroundOpacity: 0.42 };

/** What stands at the top of a dialog is no banner of the page. */
const HEADER = { header: { role: 'presentation' } };

/** Ember on warm neutrals: the accent is for what one acts on and for what flows to the TVs, nothing else. */
export const theme = createTheme({
  primaryColor: 'ember',
  primaryShade: 7,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({ defaultProps: { radius: 'lg', padding: 'lg', overlayProps: VEIL, attributes: HEADER } }),
    Drawer: Drawer.extend({ defaultProps: { padding: 'lg', overlayProps: VEIL, attributes: HEADER } }),
  },
  fontFamily:
    "'Inter Variable', system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Segoe UI Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '0.75rem', sm: '0.84375rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '14px', xl: '20px' },
  headings: {
    fontWeight: '640',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  colors: {
    ember: [
      '#fff4ed',
      '#ffe6d6',
      '#ffcbad',
      '#ffa777',
      '#f98a4f',
      '#f06f2d',
      '#d9571a',
      '#c24a10',
      '#96360f',
      '#792f11',
    ],
    gray: [
      '#faf9f7',
      '#f4f2ef',
      '#eae7e3',
      '#dedad5',
      '#cbc6c0',
      '#a19b94',
      '#6b655f',
      '#524d48',
      '#3a3632',
      '#26231f',
    ],
    dark: [
      '#e8e4df',
      '#c8c2bb',
      '#a59e97',
      '#6f6963',
      '#47423d',
      '#383430',
      '#2b2825',
      '#211e1c',
      '#1a1816',
      '#141210',
    ],
  },
});

/** Colours that Mantine has no name for; a surface lies on the canvas. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#26231f',
    '--mantine-color-dimmed': '#6b655f',
    '--mantine-color-placeholder': '#77716a',
    '--mantine-color-default-border': '#dedad5',
    '--mantine-color-error': '#c02f24',
    '--canvas': '#f6f4f1',
    '--border': '#e7e3de',
    '--hover': '#f6f3ef',
    '--selected': '#fff1e8',
    '--ember': '#e0601f',
    '--ember-text': '#b03f0d',
    '--provider': '#3b72b0',
    '--good': '#2f7d4f',
    '--warning': '#96600a',
    '--bad': '#c02f24',
    '--bad-fill': '#c02f24',
    '--grid': '#00000012',
  },
  dark: {
    '--mantine-color-body': '#211e1c',
    '--mantine-color-text': '#e8e4df',
    '--mantine-color-dimmed': '#a59e97',
    '--mantine-color-placeholder': '#928b84',
    '--mantine-color-default-border': '#3d3935',
    '--mantine-color-error': '#ff8a7d',
    '--canvas': '#171513',
    '--border': '#322e2b',
    '--hover': '#2a2724',
    '--selected': '#3a2a20',
    '--ember': '#f98a4f',
    '--ember-text': '#ffa777',
    '--provider': '#7db0e8',
    '--good': '#6cc48d',
    '--warning': '#e3b04b',
    '--bad': '#ff8a7d',
    '--bad-fill': '#c8382c',
    '--grid': '#ffffff14',
  },
});
