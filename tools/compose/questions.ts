import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What a panel or an alert asks Prometheus. */
export interface Question {
  /** The title of the panel, the name of the alert. */
  of: string;
  expr: string;
}

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
}
interface Rules {
  groups: { rules: { alert: string; expr: string }[] }[];
}
interface Prometheus {
  scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[];
}

const read = (name: string) => readFileSync(`deploy/observability/${name}`, 'utf8');

export const scrapes = () => (parse(read('prometheus.yml')) as Prometheus).scrape_configs;

export function panels(): Question[] {
  const { panels: all } = JSON.parse(read('grafana/streamside.json')) as Dashboard;
  return all.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr })));
}

export function alerts(): Question[] {
  const { groups } = parse(read('alerts.yml')) as Rules;
  return groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ of: alert, expr })));
}

/** The metrics of our services that an expression names; Prometheus' own `up` is none. */
export function metricsIn(expr: string): string[] {
  const names = expr.match(/\b(log|http|process|nodejs|simulator)_\w+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))];
}

/** The labels that an expression groups or chooses by. */
export function labelsIn(expr: string): string[] {
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(','));
  const chosen = [...expr.matchAll(/(\w+)\s*=~?\s*"/g)].map(([, label]) => label!);
  return [...new Set([...grouped.map((label) => label.trim()), ...chosen])];
}
