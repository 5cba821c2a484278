import { useState, type ReactNode } from 'react';
import './channel-logo.css';

/** A channel's logo, or its first letter where there is none or it does not load. */
export function ChannelLogo({ logo, name, size = 32 }: { logo: string; name: string; size?: number }): ReactNode {
  const [failed, setFailed] = useState<string>();
  const isShown = /^(https?:|data:image\/)/i.test(logo) && failed !== logo;
  return (
    <span className="channel-logo" style={{ width: size * 1.35, height: size, fontSize: size * 0.44 }} aria-hidden>
      {isShown ? (
        <img src={logo} alt="" loading="lazy" decoding="async" onError={() => setFailed(logo)} />
      ) : (
        firstLetter(name)
      )}
    </span>
  );
}

function firstLetter(name: string): string {
  const codePoint = name.trim().codePointAt(0);
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint).toUpperCase();
}
