/**
 * The JSON Schemas that the package has are those of the documents as they are written. `FAULTLINE_SCHEMAS=update npx vitest
 * run test/schema` writes them.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { conformFindingSchema } from '../../src/kept/conform-finding.js';
import { findingFileSchema } from '../../src/kept/finding-schema.js';
import { liveFindingFileSchema } from '../../src/kept/live-finding-schema.js';
import { worldSchema } from '../../src/kept/world-subject.js';
import { conformSchema } from '../../src/report/conform-schema.js';
import { errorSchema } from '../../src/report/error-schema.js';
import { resultSchema } from '../../src/report/result-schema.js';
import { traceSchema } from '../../src/trace/trace-schema.js';
import { faultline, root } from '../cli/run-cli.js';

const folder = join(root, 'docs/schema');

const schemas: Readonly<Record<string, z.ZodType>> = {
  'result.json': resultSchema,
  'error.json': errorSchema,
  'conform.json': conformSchema,
  'conform-finding.json': conformFindingSchema,
  'finding.json': findingFileSchema,
  'live-finding.json': liveFindingFileSchema(findingFileSchema),
  'trace.json': traceSchema,
  'world.json': worldSchema,
};

/** What is refined beyond a schema's means is left out of it: it says less, and nothing wrong. */
const jsonOf = (schema: z.ZodType) =>
  `${JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), null, 2)}\n`;

it.each(Object.entries(schemas))('%s is the schema of what is written', (name, schema) => {
  const path = join(folder, name);
  if (process.env.FAULTLINE_SCHEMAS === 'update') writeFileSync(path, jsonOf(schema));
  expect(readFileSync(path, 'utf8')).toBe(jsonOf(schema));
});

it('there are no others', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(schemas).sort());
});

it('what is printed where there is no result is an error document', async () => {
  const { stdout } = await faultline(['verify', 'nothing.mjs', '--json']);
  expect(errorSchema.parse(JSON.parse(stdout)).exitStatus).toBe(2);
});
