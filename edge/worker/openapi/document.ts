/**
 * The API's description, OpenAPI 3.1, from the table of routes.
 * @module
 */
import packageJson from '../package.json' with { type: 'json' };
import { answerOf, errorAnswers } from './answers.ts';
import type { Method, PathDescription, RouteDescription } from './description.ts';
import { bodyOf, parametersOf } from './request.ts';
import { ROUTES } from './routes.ts';
import { components, type Json, jobEvent } from './schemas.ts';

const INTRODUCTION = `Image classification in two tiers: a quantised GoogLeNet at the edge, in the Worker
that serves this description, and the same network in full precision on a machine with a GPU.

Every error is JSON with a stable \`code\`, a message, and a hint on what to do. Send an API key as
\`Authorization: Bearer KEY\`; on the machine that runs \`npm start\` none is needed.

The GPU tier speaks the [Open Inference Protocol](https://github.com/open-inference/open-inference-protocol)
and is not described here: only the Worker calls it.`;

/** The document, as an object that JSON.stringify writes. */
export function openApiDocument(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Hebb',
      version: packageJson.version,
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The Worker that serves this description.' }],
    tags: [
      { name: 'Classify', description: 'Results in the response.' },
      { name: 'Jobs', description: 'Results later, for more images than fit into one request.' },
      { name: 'Models', description: 'The model that is served.' },
      { name: 'Service', description: 'Health and description of the service.' },
      { name: 'Pages', description: 'Web pages.' },
    ],
    paths: Object.fromEntries(
      Object.entries<PathDescription>(ROUTES).map(([path, description]) => [
        path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}'),
        pathItem(path, description),
      ]),
    ),
    webhooks: { jobEnded: webhook() },
    components: {
      schemas: components(),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key made by `hebb keys create`.' },
      },
    },
  };
}

function pathItem(path: string, { scope, methods }: PathDescription): Json {
  const routes = Object.entries(methods) as [Method, RouteDescription][];
  return Object.fromEntries(
    routes.map(([method, route]) => {
      const { id, tag, summary, description, body, answer } = route;
      const needs = scope && `Needs a key with the scope \`${scope}\`.`;
      return [
        method.toLowerCase(),
        {
          operationId: id,
          tags: [tag],
          summary,
          description: [description, needs].filter((text) => text !== undefined).join('\n\n'),
          parameters: parametersOf(path, route),
          ...(body && { requestBody: bodyOf(body) }),
          responses: {
            [answer.status]: answerOf(answer),
            ...errorAnswers(method, path, scope !== undefined),
          },
          // `{}`: HEBB_ACCESS may admit callers without a key.
          security: scope ? [{ key: [] }, {}] : [],
        },
      ];
    }),
  );
}

const webhook = (): Json => ({
  post: {
    operationId: 'jobEnded',
    tags: ['Jobs'],
    summary: 'A job has ended',
    description:
      'Sent to the `webhook` of a job, signed according to [standardwebhooks.com](https://www.standardwebhooks.com), and sent again until it is answered with 2xx.',
    requestBody: { required: true, content: { 'application/json': { schema: jobEvent() } } },
    responses: { '2XX': { description: 'Received.' } },
  },
});
