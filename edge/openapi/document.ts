/**
 * The API's description, OpenAPI 3.1, from the table of routes.
 * @module
 */
import { answerOf, errorAnswers } from './answers.ts';
import type { Method, PathDescription, RouteDescription } from './description.ts';
import { bodyOf, parametersOf } from './request.ts';
import { ROUTES } from './routes.ts';
import { components, type Json, jobEvent } from './schemas.ts';

const INTRODUCTION = `Image classification in two tiers: a quantised GoogLeNet at the edge, in the Worker
that gave this description, and the same network in full precision on a machine with a GPU.

Every error is JSON with a \`code\` that does not change, what happened, and what to do. What asks for a
key takes it as \`Authorization: Bearer KEY\`; on the machine that runs \`npm start\` none is needed.

The GPU tier speaks the [Open Inference Protocol](https://github.com/open-inference/open-inference-protocol)
and is not described here: it answers the Worker.`;

/** Every request gets the same description, so it is made once. */
export function openApiDocument(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Hebb',
      version: '1.0.0',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The Worker that gave this description.' }],
    tags: [
      { name: 'Classify', description: 'Answers now.' },
      { name: 'Jobs', description: 'Answers later: for more images than one wants to wait for.' },
      { name: 'Models', description: 'What answers.' },
      { name: 'Service', description: 'Whether it answers.' },
      { name: 'Pages', description: 'For people.' },
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
        key: { type: 'http', scheme: 'bearer', description: 'A key of `hebb keys create`.' },
      },
    },
  };
}

function pathItem(path: string, { scope, methods }: PathDescription): Json {
  const routes = Object.entries(methods) as [Method, RouteDescription][];
  return Object.fromEntries(
    routes.map(([method, route]) => {
      const { id, tag, summary, description, body, answer } = route;
      const asks = scope && `A key must be for \`${scope}\`.`;
      return [
        method.toLowerCase(),
        {
          operationId: id,
          tags: [tag],
          summary,
          description: [description, asks].filter((text) => text !== undefined).join('\n\n'),
          parameters: parametersOf(path, route),
          ...(body && { requestBody: bodyOf(body) }),
          responses: {
            [answer.status]: answerOf(answer),
            ...errorAnswers(method, path, scope !== undefined),
          },
          // None is needed on the machine itself, or where whoever runs the Worker says so.
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
      'Sent to the `webhook` of a job, signed as [standardwebhooks.com](https://www.standardwebhooks.com) has it, until it is answered with 2xx.',
    requestBody: { required: true, content: { 'application/json': { schema: jobEvent() } } },
    responses: { '2XX': { description: 'It was taken.' } },
  },
});
