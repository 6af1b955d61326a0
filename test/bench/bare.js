// The floor of a start: the framework and the SDKs of BARE_SDKS, with nothing of ours.
import { http } from '@google-cloud/functions-framework';

for (const sdk of (process.env['BARE_SDKS'] ?? '').split(',')) await import(sdk);

http('bare', (_, response) => {
  response.status(204).send('');
});
