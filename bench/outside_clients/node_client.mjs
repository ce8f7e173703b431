// SPDX-License-Identifier: Apache-2.0
// fhir-kit-client, let in by bench/outside.py: asks FHIR_BASE with FHIR_TOKEN and prints one JSON line a step.
import { randomUUID } from 'node:crypto';
import { Client, CapabilityTool } from 'fhir-kit-client';

const NAME = 'fhir-kit-client';
const baseUrl = process.env.FHIR_BASE;
const system = `urn:outside:${randomUUID()}`;
const URN = 'urn:uuid:0b1e6c3c-93f3-4a4d-8a54-7a9d7c2d6f21';
const client = new Client({ baseUrl, bearerToken: process.env.FHIR_TOKEN });

const patient = (value, more = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system, value }],
  name: [{ family: '架空', given: ['三郎'] }],
  gender: 'male',
  birthDate: '1970-01-02',
  ...more,
});
const observation = (reference, code) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference },
  effectiveDateTime: '2026-10-01T09:00:00+09:00',
});

function tell(what, wanted, came, isRight) {
  console.log(JSON.stringify({ client: NAME, what, wanted, came: String(came).slice(0, 300), is_right: isRight }));
}

// What `act` gives must be true.
async function step(what, wanted, act) {
  try {
    const came = await act();
    tell(what, wanted, came === true ? 'yes' : JSON.stringify(came), Boolean(came));
  } catch (fault) {
    tell(what, wanted, `${fault.message} ${JSON.stringify(fault.response?.data ?? '')}`, false);
  }
}

// It must be refused with this status and an OperationOutcome that says why.
async function refused(what, status, act) {
  try {
    await act();
    tell(what, `${status} and an OperationOutcome`, 'it was answered', false);
  } catch (fault) {
    const { status: came, data } = fault.response ?? {};
    const told = data?.resourceType === 'OperationOutcome' && data.issue[0].details.text.length > 0;
    tell(what, `${status} and an OperationOutcome`, `${came} ${data?.resourceType ?? fault.message}`, came === status && told);
  }
}

const json = { 'content-type': 'application/fhir+json' };
const statusOf = (resource) => Client.httpFor(resource).response.status;

await refused('without a token', 401, () => new Client({ baseUrl }).read({ resourceType: 'Patient', id: '1' }));
await step('capability', 'what it needs is declared', async () => {
  const tool = new CapabilityTool(await client.capabilityStatement());
  return ['read', 'vread', 'update', 'patch', 'delete', 'create', 'search-type', 'history-instance'].every((each) =>
    tool.resourceCan('Patient', each)) && tool.serverCan('transaction') && tool.resourceSearch('Observation', 'patient');
});
let made;
await step('create', 'version 1', async () => {
  made = await client.create({ resourceType: 'Patient', body: patient('nk-1') });
  return made.meta.versionId === '1' && statusOf(made) === 201;
});
await step('read', 'as it was made', async () =>
  JSON.stringify(await client.read({ resourceType: 'Patient', id: made.id })) === JSON.stringify(made));
await step('update', 'version 2', async () =>
  (await client.update({ resourceType: 'Patient', id: made.id, body: { ...made, birthDate: '1970-01-03' } })).meta.versionId === '2');
await refused('update, If-Match of an old version', 412, () =>
  client.update({ resourceType: 'Patient', id: made.id, body: made, options: { headers: { 'If-Match': 'W/"1"' } } }));
await step('update, If-Match of this version', 'version 3', async () =>
  (await client.update({ resourceType: 'Patient', id: made.id, body: made, options: { headers: { 'If-Match': 'W/"2"' } } })).meta.versionId === '3');
await step('vread', 'the second birth date', async () =>
  (await client.vread({ resourceType: 'Patient', id: made.id, version: '2' })).birthDate === '1970-01-03');
await step('patch', 'version 4', async () =>
  (await client.patch({ resourceType: 'Patient', id: made.id, jsonPatch: [{ op: 'replace', path: '/gender', value: 'other' }] })).gender === 'other');
await step('history', 'four versions, newest first', async () =>
  (await client.history({ resourceType: 'Patient', id: made.id })).entry.map((each) => each.resource.meta.versionId).join() === '4,3,2,1');
await step('history of the type', 'a history', async () => (await client.history({ resourceType: 'Patient' })).type === 'history');
await step('history of all', 'a history', async () => (await client.history()).type === 'history');
await step('conditional create, twice', '201, then 200 and the same', async () => {
  const options = { headers: { 'If-None-Exist': `identifier=${system}|nk-2` } };
  const one = await client.create({ resourceType: 'Patient', body: patient('nk-2'), options });
  const other = await client.create({ resourceType: 'Patient', body: patient('nk-2'), options });
  return statusOf(one) === 201 && statusOf(other) === 200 && one.id === other.id;
});
await step('conditional update', 'the same, version 2', async () => {
  const body = patient('nk-2', { active: true });
  return (await client.update({ resourceType: 'Patient', searchParams: { identifier: `${system}|nk-2` }, body })).meta.versionId === '2';
});
let subject;
await step('transaction of 12', 'twelve times 201', async () => {
  const entry = [{ fullUrl: URN, resource: patient('nk-3'), request: { method: 'POST', url: 'Patient' } }];
  for (let n = 0; n < 11; n += 1) {
    entry.push({ resource: observation(URN, `nk-${n}`), request: { method: 'POST', url: 'Observation' } });
  }
  const told = await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry } });
  subject = told.entry[0].response.location.split('/fhir/')[1].split('/_history')[0];
  return told.entry.every((each) => each.response.status.startsWith('201'));
});
await step('batch', '200 and 404', async () => {
  const entry = [subject, 'Patient/nobody'].map((url) => ({ request: { method: 'GET', url } }));
  const told = await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry } });
  return told.entry.map((each) => each.response.status.slice(0, 3)).join() === '200,404';
});
await step('search, pages to the end', '3, 3, 3, 2', async () => {
  const sizes = [];
  const found = new Set();
  let page = await client.search({ resourceType: 'Observation', searchParams: { subject, _count: '3' } });
  while (page) {
    sizes.push(page.entry.length);
    page.entry.forEach((each) => found.add(each.resource.id));
    page = await client.nextPage({ bundle: page });
  }
  return sizes.join() === '3,3,3,2' && found.size === 11;
});
await step('search by POST', 'eleven', async () =>
  (await client.resourceSearch({ resourceType: 'Observation', searchParams: { subject }, options: { postSearch: true } })).entry.length === 11);
await step('search, _include', 'a match and an include', async () => {
  const searchParams = { subject, code: 'nk-1', _include: 'Observation:subject' };
  const told = await client.search({ resourceType: 'Observation', searchParams });
  return told.entry.map((each) => each.search.mode).join() === 'match,include';
});
await step('a reference resolved', 'the patient', async () => {
  const [one] = (await client.search({ resourceType: 'Observation', searchParams: { subject, code: 'nk-1' } })).entry;
  return (await client.resolve({ reference: one.resource.subject.reference })).resourceType === 'Patient';
});
await step('search in the compartment', 'the 11 results', async () =>
  (await client.compartmentSearch({ compartment: { resourceType: 'Patient', id: subject.split('/')[1] }, resourceType: 'Observation' })).total === 11);
await step('$everything, GET', 'the patient and 11 results', async () =>
  (await client.operation({ resourceType: 'Patient', id: subject.split('/')[1], name: 'everything', method: 'GET' })).entry.length === 12);
await step('$everything, POST', 'the patient and 11 results', async () => {
  const input = { resourceType: 'Parameters', parameter: [{ name: '_count', valueInteger: 50 }] };
  return (await client.operation({ resourceType: 'Patient', id: subject.split('/')[1], name: 'everything', input })).entry.length === 12;
});
await step('$validate of a bad one', 'an error with its place', async () => {
  const input = patient('nk-4', { gender: 'odd' });
  const told = await client.operation({ resourceType: 'Patient', name: 'validate', input });
  return told.issue[0].severity === 'error' && told.issue[0].expression[0] === 'Patient.gender';
});
await refused('create of a bad one', 422, () => client.create({ resourceType: 'Patient', body: patient('nk-5', { gender: 'odd' }) }));
await refused('search that cannot be read', 400, () =>
  client.search({ resourceType: 'Observation', searchParams: { date: 'yesterday' } }));
await step('delete', 'done', async () => (await client.delete({ resourceType: 'Patient', id: made.id })) !== undefined);
await refused('read of a deleted one', 410, () => client.read({ resourceType: 'Patient', id: made.id }));
await refused('read of what never was', 404, () => client.read({ resourceType: 'Patient', id: randomUUID(), options: { headers: json } }));
