import * as z from 'zod';

/** What the relay runs on, as far as firewalls differ. */
export const System = z.enum(['windows', 'mac', 'linux', 'other']);
export type System = z.infer<typeof System>;

/** One thing to do so that TVs get in: words that a reader is told, and a line for a terminal where there is one. */
export type FirewallStep = { id: FirewallStepId; command: string | null };

export type FirewallStepId =
  | 'windowsApp'
  | 'windowsRule'
  | 'windowsNetwork'
  | 'macFirewall'
  | 'macLocalNetwork'
  | 'linuxUfw'
  | 'linuxFirewalld'
  | 'openPort';

/** How the firewall of a system lets TVs in on a port, the likeliest first. */
export function firewallSteps(system: System, port: number): FirewallStep[] {
  switch (system) {
    case 'windows':
      return [
        { id: 'windowsApp', command: null },
        {
          id: 'windowsRule',
          command: `netsh advfirewall firewall add rule name="Hearthcast" dir=in action=allow protocol=TCP localport=${port} profile=private`,
        },
        { id: 'windowsNetwork', command: null },
      ];
    case 'mac':
      return [
        { id: 'macFirewall', command: null },
        { id: 'macLocalNetwork', command: null },
      ];
    case 'linux':
      return [
        { id: 'linuxUfw', command: `sudo ufw allow ${port}/tcp` },
        {
          id: 'linuxFirewalld',
          command: `sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload`,
        },
      ];
    case 'other':
      return [{ id: 'openPort', command: null }];
  }
}
