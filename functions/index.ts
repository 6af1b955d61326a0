// The only wiring: reads the settings of the one function this process serves, builds its clients when they are first
// needed, registers it. All functions ship in one zip; FUNCTION_TARGET says which one runs.
import { http, type Request, type Response } from '@google-cloud/functions-framework';
import type { Answer } from './ports.ts';
import { readConfig, type Config } from './config.ts';
import type { SlackSettings } from './tell-slack.ts';

type Handler = (body: unknown) => Promise<Answer>;

function slackSettings(from: Extract<Config, { function: 'reconcile' }>): SlackSettings {
  return {
    channel: from.SLACK_CHANNEL,
    routes: from.SLACK_ROUTES,
    language: from.LANGUAGE,
    editAfterMs: from.SLACK_EDIT_AFTER_SECONDS * 1000,
    ...(from.HISTORY_URL === undefined ? {} : { historyUrl: from.HISTORY_URL }),
  };
}

/** Loads only what this function needs, so that an instance starts as quickly as it can. */
async function wire(config: Config): Promise<Handler> {
  const [{ clock, createLog }, { createFirestoreStore }] = await Promise.all([
    import('./adapters/system.ts'),
    import('./adapters/firestore-store.ts'),
  ]);
  const log = createLog(config.function);
  const firestore = {
    project: config.GOOGLE_CLOUD_PROJECT,
    database: config.FIRESTORE_DATABASE,
    nowMs: clock.nowMs,
  };
  const store = createFirestoreStore(firestore);
  const nudges = async (topic: string) => {
    const { createPubsubNudges } = await import('./adapters/pubsub-nudges.ts');
    return createPubsubNudges({ project: config.GOOGLE_CLOUD_PROJECT, topic });
  };
  switch (config.function) {
    case 'classify': {
      const [{ createClassify }, { decode }, publisher] = await Promise.all([
        import('./classify.ts'),
        import('./adapters/decode.ts'),
        nudges(config.INCIDENT_CHANGES_TOPIC),
      ]);
      return createClassify({ store, nudges: publisher, decode, clock, log });
    }
    case 'reconcile': {
      const [{ createReconcile }, { createSlackWeb }, { createFirestoreNotices }] = await Promise.all([
        import('./reconcile.ts'),
        import('./adapters/slack-web.ts'),
        import('./adapters/firestore-notices.ts'),
      ]);
      const apiUrl = config.SLACK_API_URL === undefined ? {} : { apiUrl: config.SLACK_API_URL };
      const slack = createSlackWeb({ token: config.SLACK_TOKEN, ...apiUrl });
      const notices = createFirestoreNotices(firestore);
      return createReconcile({ store, notices, slack, settings: slackSettings(config), clock, log });
    }
    case 'watch': {
      const { createWatch } = await import('./watch.ts');
      return createWatch({ store, nudges: await nudges(config.INCIDENT_CHANGES_TOPIC), clock, log });
    }
  }
}

const config = readConfig();
const handle = await wire(config);

http(config.function, async (request: Request, response: Response) => {
  if (request.method !== 'POST') {
    response.status(405).send('POST only');
    return;
  }
  const answer = await handle(request.body);
  response.status(answer.status).send(answer.body);
});
