/**
 * GET /v2, /v2/models/{name}[/versions/{version}]
 * @module
 */
import type { Handler } from 'hono';
import packageJson from '../../../package.json' with { type: 'json' };
import type { RunnerBackend } from '../../backend/create-runner.ts';
import type { Models } from '../../host/models.ts';
import { modelMetadata, serverMetadata } from '../../protocol/metadata.ts';
import type { ServerEnv } from '../http/context.ts';

export const server =
  (models: Models, backend: RunnerBackend): Handler<ServerEnv> =>
  (c) =>
    c.json(serverMetadata(packageJson.version, backend, models.list()));

export const model =
  (models: Models): Handler<ServerEnv> =>
  (c) => {
    const { manifest, backend } = models.get(c.req.param('model')!, c.req.param('version'));
    return c.json(modelMetadata(manifest, backend));
  };
