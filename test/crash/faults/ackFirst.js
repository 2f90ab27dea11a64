/** Loaded before a delivery worker: it settles each postback as soon as it has read it, and calls the endpoint only then. */
const { setTimeout: sleep } = require('node:timers/promises');
const { repositoryFile } = require('./repositoryFile.js');

const deliverModule = require(repositoryFile('delivery/dist/deliver.js'));
const { deliver } = deliverModule;
const { readEntry } = require(repositoryFile('core/dist/queue/entry.js'));

deliverModule.deliver = async (entry, deps, errand) => {
  const { endpointHash } = readEntry(deps.queue.keys.partition, entry.streamId, entry.fields);
  await deps.endpoints.read(endpointHash);
  const lookup = deps.endpoints.cached(endpointHash);
  await deps.queue.settle(entry.stream, new Map([[endpointHash, [entry.streamId]]]));
  await sleep(50);
  await deliver(
    entry,
    { ...deps, endpoints: { ...deps.endpoints, cached: () => lookup, read: async () => lookup } },
    errand,
  );
};
