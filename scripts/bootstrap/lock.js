/**
 * A lock between processes: a folder whose creation is atomic, with the owner's pid.
 * Plain JavaScript, since the bootstrap uses it.
 * @module
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const POLL_MS = 200;
/** The owner writes its pid at once; after this time a lock without one is abandoned. */
const NAMELESS_MS = 5_000;

/** Runs `work` while this process holds the lock `name` in `folder`; waits until it is free. */
export async function withLock(folder, name, work) {
  mkdirSync(folder, { recursive: true });
  const lock = path.join(folder, `${name}.lock`);
  for (let waited = false; !acquire(lock); waited = true) {
    if (!waited) console.error(`hebb: waiting for another process (${lock}) …`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', release); // `work` may end the process
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function acquire(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(path.join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (ownerIsGone(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** True if the owner has died without releasing the lock. */
function ownerIsGone(lock) {
  try {
    process.kill(Number(readFileSync(path.join(lock, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    const info = statSync(lock, { throwIfNoEntry: false });
    return info !== undefined && Date.now() - info.mtimeMs > NAMELESS_MS;
  }
}
