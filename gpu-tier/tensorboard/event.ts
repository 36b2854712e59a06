/**
 * The messages of TensorBoard's event files that Hebb writes. Field numbers are those of
 * tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto.
 * @module
 */
import protobuf from 'protobufjs/light.js';

const field = (type: string, id: number) => ({ type, id });

const eventType = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['file_version', 'summary', 'session_log'] } },
      fields: {
        wall_time: field('double', 1),
        step: field('int64', 2),
        file_version: field('string', 3),
        summary: field('Summary', 5),
        session_log: field('SessionLog', 7),
      },
    },
    Summary: { fields: { value: { rule: 'repeated', ...field('Value', 1) } } },
    // In a oneof, so that a value of 0 is written too.
    Value: {
      oneofs: { what: { oneof: ['simple_value'] } },
      fields: { tag: field('string', 1), simple_value: field('float', 2) },
    },
    SessionLog: { fields: { status: field('int32', 1) } },
  },
}).lookupType('Event');

/** SessionLog.SessionStatus: a session begins here, and what an older one wrote beyond is void. */
export const SESSION_START = 1;

export interface Event {
  /** Seconds since 1970. */
  readonly wall_time: number;
  readonly step?: number;
  /** The first event of a file has `brain.Event:2`, and nothing else. */
  readonly file_version?: string;
  readonly summary?: { readonly value: readonly { tag: string; simple_value: number }[] };
  readonly session_log?: { readonly status: typeof SESSION_START };
}

export const encodeEvent = (event: Event): Uint8Array =>
  eventType.encode(eventType.fromObject(event)).finish();
