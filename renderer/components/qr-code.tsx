import { QRCodeSVG } from 'qrcode.react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A code for a phone's camera: dark on white in both themes, because some cameras read nothing else. */
export function QrCode({ text, size = 132 }: { text: string; size?: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <QRCodeSVG
      value={text}
      size={size}
      marginSize={2}
      bgColor="#ffffff"
      fgColor="#26231f"
      role="img"
      aria-label={t('home.qr', { url: text })}
      style={{ display: 'block', borderRadius: 10, flex: 'none' }}
    />
  );
}
