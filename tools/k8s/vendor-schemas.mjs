/**
 * Takes from Kubernetes' schemas what our manifests use, into one file that is committed.
 *
 *     pip download --no-deps kubernetes-validate==1.37.0 && unzip kubernetes_validate-*.whl
 *     node tools/k8s/vendor-schemas.mjs kubernetes_validate/kubernetes-json-schema/v1.34.0-local-strict
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const kinds = {
  'core.v1': ['ConfigMap', 'Namespace', 'Secret', 'Service', 'ServiceAccount'],
  'apps.v1': ['Deployment', 'StatefulSet'],
  'autoscaling.v2': ['HorizontalPodAutoscaler'],
  'batch.v1': ['CronJob', 'Job'],
  'networking.v1': ['Ingress', 'NetworkPolicy'],
  'policy.v1': ['PodDisruptionBudget'],
};

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Name the folder with the schemas; the head of this file says how to get one.');
  process.exit(1);
}
const { $defs: all } = JSON.parse(readFileSync(join(folder, '_definitions.json'), 'utf8'));
const taken = {};
for (const [group, names] of Object.entries(kinds)) {
  for (const name of names) take(`io.k8s.api.${group}.${name}`);
}

const version = /v(\d+\.\d+)/.exec(basename(folder))[1];
const lines = Object.keys(taken)
  .toSorted()
  .map((name) => `${JSON.stringify(name)}: ${JSON.stringify(taken[name])}`);
const file = `k8s/schemas/kubernetes-${version}.json`;
writeFileSync(file, `{"$defs": {\n${lines.join(',\n')}\n}}\n`);
console.log(`${lines.length} definitions written to ${file}.`);

function take(name) {
  if (taken[name]) return;
  taken[name] = withoutProse(all[name]);
  JSON.stringify(taken[name], (key, value) => {
    if (key === '$ref') take(value.split('/').at(-1));
    return value;
  });
}

/** Descriptions are four fifths of the bytes, and validate nothing. */
function withoutProse(schema) {
  const replacer = (key, value) =>
    key === 'description' && typeof value === 'string' ? undefined : value;
  return JSON.parse(JSON.stringify(schema, replacer));
}
