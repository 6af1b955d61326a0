// Slack for the one-machine run: the npm package `emulate`, with the scopes the app asks for and nothing more.
// In: a port. Out: the Web API's address, a token, the channel's id, and the inspector page people look at.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { createEmulator } from 'emulate';

export interface LocalSlack {
  readonly apiUrl: string;
  readonly token: string;
  readonly channel: string;
  /** Page that shows what was posted; `` where it is not ours. */
  readonly inspector: string;
  readonly close: () => Promise<void>;
}

const TOKEN = 'xoxb-local-mesh-triage';
const CHANNEL_NAME = 'mesh-alerts';

/** The scopes of the app's manifest: what works here works with them. */
function manifestScopes(): readonly string[] {
  const manifest = readFileSync(join(import.meta.dirname, '../slack-app.yaml'), 'utf8');
  const [, list = ''] = /^ +bot:\n((?: +- \S+\n)+)/m.exec(manifest) ?? [];
  const scopes = list.split('\n').flatMap((line) => /- (\S+)/.exec(line)?.[1] ?? []);
  if (scopes.length === 0) throw new Error('infra/slack-app.yaml names no scopes');
  return scopes;
}

/** Starts it; strict scopes make a call that the app may not make fail as it would there. */
export async function startSlack(port: number): Promise<LocalSlack> {
  const emulator = await createEmulator({
    service: 'slack',
    port,
    seed: {
      slack: {
        team: { name: 'mesh-triage', domain: 'mesh-triage' },
        users: [{ name: 'mesh-triage', real_name: 'mesh-triage' }],
        channels: [{ name: CHANNEL_NAME, topic: 'What is wrong with the mesh' }],
        // `channels:read` is only for finding the channel's id here.
        tokens: [{ token: TOKEN, user: 'mesh-triage', scopes: [...manifestScopes(), 'channels:read'] }],
        strict_scopes: true,
      },
    },
  });
  const apiUrl = `http://127.0.0.1:${port}/api/`;
  const client = new WebClient(TOKEN, { slackApiUrl: apiUrl, retryConfig: { retries: 0 } });
  const { channels } = await client.conversations.list();
  const channel = channels?.find(({ name }) => name === CHANNEL_NAME)?.id;
  if (channel === undefined) throw new Error(`the Slack stand-in has no channel ${CHANNEL_NAME}`);
  return {
    apiUrl,
    token: TOKEN,
    channel,
    inspector: `http://127.0.0.1:${port}/?tab=messages&channel=${channel}`,
    close: () => emulator.close(),
  };
}
