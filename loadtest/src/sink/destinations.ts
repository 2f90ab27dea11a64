/**
 * The sink as many third parties: one port each, opened when a run asks for them, each with a behaviour of its own. They take what
 * the sink's first port takes; one that is not listening refuses connections. The last run that asked owns them.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { closeServer } from '@postback/core/closeServer';
import type { Behaviour } from './behaviour.js';

export interface DestinationPlan {
  readonly behaviour: Behaviour;
  /** False: connections are refused. */
  readonly isListening: boolean;
}

export interface Destination {
  readonly port: number;
  behaviour: Behaviour;
  /** Requests of any outcome since the run began. */
  attempts: number;
}

export interface Destinations {
  /** Opens, closes and instructs ports so that they are as planned; returns them in order. @throws when a port is taken */
  arrange(run: string, plans: readonly DestinationPlan[]): Promise<Destination[]>;
  at(port: number | undefined): Destination | undefined;
  close(): Promise<void>;
}

interface DestinationsDeps {
  /** Asked when the first one opens. `firstPort`: the others follow it; 0: any that are free. */
  readonly address: () => { readonly host: string; readonly firstPort: number };
  readonly listener: RequestListener;
  readonly keepAliveMs: number;
}

interface Place extends Destination {
  server: Server | undefined;
}

export function createDestinations({ address, listener, keepAliveMs }: DestinationsDeps): Destinations {
  const places: Place[] = [];
  const byPort = new Map<number, Place>();
  let owner: string | undefined;

  async function open(index: number, behaviour: Behaviour): Promise<Place> {
    const known = places[index];
    const { host, firstPort } = address();
    const server = createServer({ keepAliveTimeout: keepAliveMs }, listener);
    const port = await listen(server, { host, port: known?.port ?? (firstPort === 0 ? 0 : firstPort + index) });
    const place = known ?? { port, behaviour, attempts: 0, server };
    place.server = server;
    places[index] = place;
    byPort.set(port, place);
    return place;
  }

  async function shut(place: Place): Promise<void> {
    const { server } = place;
    place.server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await closeServer(server, { idleGraceMs: 0 });
  }

  async function arrangeOne(index: number, { behaviour, isListening }: DestinationPlan): Promise<Place> {
    const place = places[index]?.server ? places[index] : await open(index, behaviour);
    place.behaviour = behaviour;
    if (!isListening) await shut(place);
    return place;
  }

  return {
    async arrange(run, plans) {
      if (run !== owner) for (const place of places) place.attempts = 0;
      owner = run;
      const arranged = await Promise.all(plans.map((plan, index) => arrangeOne(index, plan)));
      await Promise.all(places.slice(plans.length).map(shut));
      return arranged;
    },
    at: (port) => (byPort.size === 0 || port === undefined ? undefined : byPort.get(port)),
    close: async () => void (await Promise.all(places.map(shut))),
  };
}

function listen(server: Server, address: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? bound.port : address.port);
    });
  });
}
