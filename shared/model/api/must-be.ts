import * as z from 'zod/mini';

/** What a value must be to pass the schema, in words: "1 to 5", "auto, edge or gpu". */
export function mustBe(schema: z.ZodMiniType): string {
  const { enum: choices, type, ...limits } = z.toJSONSchema(schema, { io: 'output' });
  if (choices) return oneOf(choices.map(String));
  if (type !== 'string') return `${limits.minimum} to ${limits.maximum}`;
  const { minLength = 0, maxLength } = limits;
  return maxLength === undefined ? 'text' : `${minLength} to ${maxLength} characters`;
}

const oneOf = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join() : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
