// The only wiring: reads the settings of the one function this process serves, builds its clients when they are first
// needed, registers it. All functions ship in one zip; FUNCTION_TARGET says which one runs.
import { http, type Request, type Response } from '@google-cloud/functions-framework';
import type { Answer, SignedRequest } from './ports.ts';
import { readConfig, type Config } from './config.ts';
import type { SlackSettings } from './tell-slack.ts';

/** `signed` is the same request before anything of it is believed: only what checks a signature takes it. */
type Handler = (body: unknown, signed: SignedRequest) => Promise<Answer>;

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
    case 'slack': {
      const [
        { createSlack },
        { createSignatureCheck },
        { createRespond },
        { createFirestoreNotices },
        publisher,
      ] = await Promise.all([
        import('./slack.ts'),
        import('./adapters/slack-signature.ts'),
        import('./adapters/slack-respond.ts'),
        import('./adapters/firestore-notices.ts'),
        nudges(config.INCIDENT_CHANGES_TOPIC),
      ]);
      const handler = createSlack({
        store,
        notices: createFirestoreNotices(firestore),
        nudges: publisher,
        isSigned: createSignatureCheck(config.SLACK_SIGNING_SECRET),
        respond: createRespond(),
        language: config.LANGUAGE,
        timeZone: config.TIME_ZONE,
        clock,
        log,
      });
      return (_, signed) => handler(signed);
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
  const answer = await handle(request.body, {
    timestamp: request.get('x-slack-request-timestamp') ?? '',
    signature: request.get('x-slack-signature') ?? '',
    body: request.rawBody ?? new Uint8Array(),
  });
  if (answer.json === undefined) response.status(answer.status).send(answer.body);
  else response.status(answer.status).json(answer.json);
});
