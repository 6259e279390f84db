import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What compose.yaml says of a container, as far as anybody here asks. */
export interface Container {
  image: string;
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string | number>;
  secrets?: string[];
  ports?: string[];
  networks?: string[];
  profiles?: string[];
  depends_on?: Record<string, { condition: string }>;
  mem_limit?: string;
  read_only?: boolean;
  cap_drop?: string[];
}

export interface ComposeFile {
  services: Record<string, Container>;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, object>;
}

/** compose.yaml with its anchors merged, and variables as they are written. */
export function readComposeFile(): ComposeFile {
  return parse(readFileSync('compose.yaml', 'utf8'), { merge: true }) as ComposeFile;
}

/** The text with each `${NAME:-default}` as its default: what somebody gets who sets nothing. */
export function byDefault(text: string): string {
  return text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
}
