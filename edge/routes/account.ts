import type { Handler } from 'hono';
import type { MemoryAccount } from '../concurrency/memory-account.ts';
import type { AppEnv } from '../http/context.ts';

/** `GET /debug/memory`: what the isolate holds, by its own account; only with HEBB_DEBUG=1. */
export function memoryReport(account: MemoryAccount): Handler<AppEnv> {
  return (c) => c.json(account.read());
}
