// A note → the Slack message that says it, with metadata that finds it again. Pure.
import type { Incident } from '#shared/model/incident.ts';
import type { Note } from '#shared/model/notification.ts';
import { section, type SlackMessage } from './slack-blocks.ts';

/** The reply as Slack takes it. */
export function noteMessage(incident: Incident, note: Note): SlackMessage {
  return {
    text: note.text,
    blocks: [section(note.text)],
    metadata: {
      event_type: 'mesh_triage_note',
      event_payload: { incident: incident.id, episode: incident.episode, note: note.key },
    },
  };
}
