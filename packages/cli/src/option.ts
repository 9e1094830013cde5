import { z } from 'zod';

/**
 * One option of a command: how its value is checked, how a flag's text becomes a value, and what `--help` says.
 * The same check serves the flag and the key of the config file.
 */
export interface Option<Value> {
  readonly schema: z.ZodType<Value>;
  /** Turns the text after the flag into what the schema checks. */
  readonly fromText: (text: string) => unknown;
  /** `flag` takes no text; `list` may be given several times or with commas. */
  readonly kind: 'value' | 'flag' | 'list';
  /** What stands after the flag in `--help`, for example `N`. */
  readonly placeholder: string;
  readonly description: string;
  /** Shown in `--help`; for a default that is worked out, say how. */
  readonly shownDefault: string | undefined;
  /** What shell completion offers. */
  readonly completion: readonly string[] | 'file' | 'folder' | undefined;
  /** Further names of the flag, without dashes. */
  readonly aliases: readonly string[];
}

export interface Described {
  readonly description: string;
  readonly placeholder?: string;
  /** Says what happens without the flag where there is no plain default. */
  readonly otherwise?: string;
  readonly aliases?: readonly string[];
}

interface WithDefault<Value> extends Described {
  readonly default: Value;
}

type Bounds = { readonly min?: number; readonly max?: number };

/** The value that the options of a command parse to. */
export type OptionValues<Options extends OptionRecord> = {
  readonly [Name in keyof Options]: Options[Name] extends Option<infer Value> ? Value : never;
};

/** Options by their name in camel case; the flag is the same in kebab case. */
export type OptionRecord = Readonly<Record<string, Option<unknown>>>;

const numberFromText = (text: string): unknown => (text.trim() === '' ? text : Number(text));

function make<Value>(
  schema: z.ZodType<Value>,
  details: Described & Partial<WithDefault<Value>>,
  rest: Pick<Option<Value>, 'fromText' | 'kind' | 'placeholder' | 'completion'>,
): Option<Value> {
  const fallback = details.default;
  return {
    ...rest,
    schema,
    placeholder: details.placeholder ?? rest.placeholder,
    description: details.description,
    shownDefault: details.otherwise ?? (fallback === undefined ? undefined : shown(fallback)),
    aliases: details.aliases ?? [],
  };
}

const shown = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

function bounded(schema: z.ZodNumber, { min, max }: Bounds): z.ZodNumber {
  const above = min === undefined ? schema : schema.min(min, `must be at least ${min}`);
  return max === undefined ? above : above.max(max, `must be at most ${max}`);
}

const numeric = { fromText: numberFromText, kind: 'value', placeholder: 'N', completion: undefined } as const;
const textual = {
  fromText: (text: string) => text,
  kind: 'value',
  placeholder: 'TEXT',
  completion: undefined,
} as const;

function integer(details: WithDefault<number> & Bounds): Option<number>;
function integer(details: Described & Bounds): Option<number | undefined>;
function integer(details: Described & Partial<WithDefault<number>> & Bounds): Option<number | undefined> {
  const schema = bounded(z.number('must be a whole number').int('must be a whole number'), details);
  return make<number | undefined>(withDefault(schema, details.default), details, numeric);
}

function number(details: WithDefault<number> & Bounds): Option<number>;
function number(details: Described & Bounds): Option<number | undefined>;
function number(details: Described & Partial<WithDefault<number>> & Bounds): Option<number | undefined> {
  const schema = bounded(z.number('must be a number'), details);
  return make<number | undefined>(withDefault(schema, details.default), details, numeric);
}

function text(details: WithDefault<string>): Option<string>;
function text(details: Described): Option<string | undefined>;
function text(details: Described & Partial<WithDefault<string>>): Option<string | undefined> {
  const schema = z.string('must be text').min(1, 'must not be empty');
  return make<string | undefined>(withDefault(schema, details.default), details, textual);
}

/** A file or folder, taken from the working directory when relative. */
function path(details: WithDefault<string> & { readonly of?: 'file' | 'folder' }): Option<string>;
function path(details: Described & { readonly of?: 'file' | 'folder' }): Option<string | undefined>;
function path(
  details: Described & Partial<WithDefault<string>> & { readonly of?: 'file' | 'folder' },
): Option<string | undefined> {
  const of = details.of ?? 'folder';
  return make<string | undefined>(
    withDefault(z.string('must be a path').min(1, 'must not be empty'), details.default),
    details,
    { ...textual, placeholder: of === 'file' ? 'FILE' : 'DIR', completion: of },
  );
}

function choice<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  details: WithDefault<Choice>,
): Option<Choice>;
function choice<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  details: Described,
): Option<Choice | undefined>;
function choice<const Choice extends string>(
  choices: readonly [Choice, ...Choice[]],
  details: Described & Partial<WithDefault<Choice>>,
): Option<Choice | undefined> {
  const schema = z.enum(choices, `must be one of ${choices.join(', ')}`);
  return make<Choice | undefined>(withDefault<Choice>(schema, details.default), details, {
    ...textual,
    placeholder: choices.join('|'),
    completion: choices,
  });
}

/** On or off; `--no-NAME` switches off what a config file switched on. */
function flag(details: Described & { readonly default?: boolean }): Option<boolean> {
  const fallback = details.default ?? false;
  return {
    schema: z.boolean('must be true or false').default(fallback),
    fromText: (given) => given === 'true',
    kind: 'flag',
    placeholder: '',
    description: details.description,
    shownDefault: details.otherwise ?? (fallback ? 'on' : undefined),
    completion: undefined,
    aliases: details.aliases ?? [],
  };
}

/** Values of a list; an item without a default is there all the same. */
type Items<Item> = readonly Exclude<Item, undefined>[];

/** Several values of one kind, `--name a,b` or `--name a --name b`. */
function list<Item>(item: Option<Item>, details: WithDefault<Items<Item>>): Option<Items<Item>>;
function list<Item>(item: Option<Item>, details: Described): Option<Items<Item> | undefined>;
function list<Item>(
  item: Option<Item>,
  details: Described & Partial<WithDefault<Items<Item>>>,
): Option<Items<Item> | undefined> {
  const schema = z
    .array(item.schema, 'must be a list')
    .min(1, 'must name at least one')
    .transform((items) => items.filter((value): value is Exclude<Item, undefined> => value !== undefined));
  return make<Items<Item> | undefined>(withDefault<Items<Item>>(schema, details.default), details, {
    fromText: item.fromText,
    kind: 'list',
    placeholder: `${item.placeholder},...`,
    completion: item.completion,
  });
}

/** A value in a form of its own: `schema` checks it, and its messages say what is right. */
function custom<Value>(
  schema: z.ZodType<Value>,
  details: Described & { readonly fromText?: (given: string) => unknown },
): Option<Value> {
  return make<Value>(schema, details, { ...textual, fromText: details.fromText ?? textual.fromText });
}

function withDefault<Value>(
  schema: z.ZodType<Value>,
  fallback: Value | undefined,
): z.ZodType<Value | undefined> {
  return schema.optional().transform((value) => value ?? fallback);
}

/** The kinds of option. Each takes its description, and its default where it has one. */
export const option = {
  /** A whole number, within bounds. */
  integer,
  /** A number, within bounds. */
  number,
  /** Any text but an empty one. */
  text,
  /** A file or folder, taken from the working directory when relative. */
  path,
  /** One of a few words. */
  choice,
  /** Given or not. */
  flag,
  /** Several values: with commas, or the flag several times. */
  list,
  /** Whatever a zod schema takes. */
  custom,
} as const;

/** `--max-reject-rate` for `maxRejectRate`. */
export const flagName = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
