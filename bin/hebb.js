#!/usr/bin/env node
/** The `hebb` command: finds the right Node, then runs the command line. @module */
import { run } from '../scripts/bootstrap.js';

process.exit(await run('gpu-tier/cli/main.ts', process.argv.slice(2)));
