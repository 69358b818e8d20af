import type { Attribute, CollectionSchema, PropertySchema } from '../../api/types.ts';

/** One attribute of the form. */
export interface Field {
  name: string;
  kind: 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime' | 'choice';
  choices: Attribute[];
}

function kindOf({ type, format, enum: choices }: PropertySchema): Field['kind'] {
  const types = Array.isArray(type) ? type : [type];
  if (choices?.length) return 'choice';
  if (types.includes('boolean')) return 'boolean';
  if (types.includes('integer')) return 'integer';
  if (types.includes('number')) return 'number';
  if (format === 'date') return 'date';
  return format === 'date-time' ? 'datetime' : 'text';
}

/** The attributes of a collection, in the schema's order, without geometry and id. */
export function fieldsOf({ properties }: CollectionSchema): Field[] {
  return Object.entries(properties)
    .filter(([, schema]) => !schema['x-ogc-role'] && !schema.format?.startsWith('geometry'))
    .map(([name, schema]) => ({
      name,
      kind: kindOf(schema),
      choices: (schema.enum ?? []).filter((one) => one !== null),
    }));
}

export type Read = { value: Attribute } | { error: 'number_bad' | 'integer_bad' };

/** The value that the text of a field means; an empty text is unknown, never zero. */
export function readField({ kind }: Pick<Field, 'kind'>, text: string): Read {
  const trimmed = text.trim();
  if (!trimmed) return { value: null };
  if (kind === 'boolean') return { value: trimmed === 'true' };
  if (kind !== 'integer' && kind !== 'number') return { value: text };
  const value = Number(trimmed.replace(',', '.').replace(/[\s\u00a0]/g, ''));
  if (!Number.isFinite(value)) return { error: 'number_bad' };
  return kind === 'integer' && !Number.isInteger(value) ? { error: 'integer_bad' } : { value };
}

export const fieldText = (value: Attribute | undefined) => (value === null || value === undefined ? '' : String(value));
