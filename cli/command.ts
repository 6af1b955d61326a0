// The form of a command: its flags, its help, and what it does with them.

/** 0 = done, 1 = found problems, 2 = wrong use. */
export type ExitCode = 0 | 1 | 2;

export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly default?: string | boolean;
  /** How the value is called in the help; none for a boolean. */
  readonly value?: string;
  /** May be given several times: its values are in `lists`. */
  readonly multiple?: true;
  readonly help: string;
}

export const FORMATS = ['text', 'json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

export interface CommandContext {
  /** Positional arguments. */
  readonly args: readonly string[];
  /** Values of flags, defaults included; one that was not given and has no default is missing, a boolean one is `true`. */
  readonly values: Readonly<Record<string, string>>;
  /** Values of the flags that may be given several times; one that was not given is missing. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
  readonly format: Format;
  readonly print: (text: string) => Promise<void>;
  /** Says something beside the output, to the person alone; absent where nobody reads it. */
  readonly note?: (text: string) => Promise<void>;
  readonly nowMs: number;
}

export interface Command {
  /** As typed: `incidents list`. */
  readonly name: string;
  /** Positional arguments as the help shows them. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Formats beside text and json. */
  readonly formats?: readonly Format[];
  readonly run: (context: CommandContext) => Promise<ExitCode>;
}
