/** Importing this file declares every topic of the system, bad tracks included. */
import './orders.ts';
import './playground.ts';
import './products.ts';
import './recommendations.ts';
import './stock.ts';
import './systems.ts';
import './visitors.ts';
import { declareBadTracks } from './bad.ts';

declareBadTracks();

export { topics } from './contract.ts';
