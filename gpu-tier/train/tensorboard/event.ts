/**
 * Messages of TensorBoard's event files. Field numbers: tensorflow/core/util/event.proto and
 * tensorflow/core/framework/summary.proto.
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
    // In a oneof, so that protobuf writes a value of 0 too.
    Value: {
      oneofs: { what: { oneof: ['simple_value'] } },
      fields: { tag: field('string', 1), simple_value: field('float', 2) },
    },
    SessionLog: { fields: { status: field('int32', 1) } },
  },
}).lookupType('Event');

/** SessionLog.SessionStatus: a session starts; later points of older sessions are void. */
export const SESSION_START = 1;

export interface Event {
  /** Seconds since 1970. */
  readonly wall_time: number;
  readonly step?: number;
  /** `brain.Event:2`, in the first event of a file only. */
  readonly file_version?: string;
  readonly summary?: { readonly value: readonly { tag: string; simple_value: number }[] };
  readonly session_log?: { readonly status: typeof SESSION_START };
}

export const encodeEvent = (event: Event): Uint8Array =>
  eventType.encode(eventType.fromObject(event)).finish();
