import { setTimeout as delay } from 'node:timers/promises';
import { call, changesOf, functionKey, untilNothingIsPending } from '../integration/operator.ts';
import { marker } from './odd-bodies.ts';
import { operatorRequest } from './operators.ts';
import type { Random } from './random.ts';
import { fuzzRequest } from './requests.ts';
import { type Answer, keptAlive, send } from './send.ts';
import { allSenders, type FuzzSender } from './senders.ts';
import type { StorageFaults } from './storage-faults.ts';

const atATime = 6;
const answerWithinMs = 90_000;

/** What a load came to. Each list says what was sent; all must be empty. */
export interface LoadReport {
  readonly requests: number;
  readonly whileStorageWasWell: number;
  readonly forged: number;
  readonly taken: number;
  readonly storageFaults: number;
  readonly forgedAccepted: readonly string[];
  /** The vendor's own request, as it is, was not taken. */
  readonly refusedAsSent: readonly string[];
  /** 5xx while storage was well. */
  readonly serverErrors: readonly string[];
  readonly unanswered: readonly string[];
  /** A value or a secret in the log, or in an answer to a sender. */
  readonly told: readonly string[];
  /** What the relay did not get over: a crash, changes that never end. */
  readonly atTheEnd: readonly string[];
}

/** Odd, forged and proper requests of every kind to one relay, and what they did. */
export class Load {
  readonly #relayUrl: string;
  readonly #senders: readonly FuzzSender[];
  readonly #random: Random;
  readonly #faults: StorageFaults;
  readonly #agent = keptAlive(atATime);
  readonly #secrets: readonly string[];
  readonly #found = {
    forgedAccepted: [] as string[],
    refusedAsSent: [] as string[],
    serverErrors: [] as string[],
    unanswered: [] as string[],
    told: [] as string[],
    atTheEnd: [] as string[],
  };
  #counts = { requests: 0, whileStorageWasWell: 0, forged: 0, taken: 0 };
  #heard = '';

  static async against(relayUrl: string, random: Random, faults: StorageFaults): Promise<Load> {
    return new Load(relayUrl, await allSenders(), random, faults);
  }

  private constructor(relayUrl: string, all: readonly FuzzSender[], random: Random, faults: StorageFaults) {
    this.#relayUrl = relayUrl;
    this.#senders = all;
    this.#random = random;
    this.#faults = faults;
    this.#secrets = all.filter(({ kind }) => kind !== 'adobe-commerce').map(({ secret }) => secret);
  }

  /** Looks at what the relay prints; a value may come in two pieces. */
  hear(printed: string): void {
    this.#expectUntold(this.#heard.slice(-50) + printed, 'the log');
    this.#heard = (this.#heard + printed).slice(-1000);
  }

  /** Sends until then, several at a time, each with a pause behind it. */
  async sendUntil(time: number, pauseMs = 0): Promise<void> {
    const sendOn = async () => {
      while (Date.now() < time) {
        if (this.#random.oneIn(15)) await this.#operate();
        else await this.#sendWebhook();
        if (pauseMs > 0) await delay(pauseMs);
      }
    };
    await Promise.all(Array.from({ length: atATime }, sendOn));
  }

  async #sendWebhook(): Promise<void> {
    const sender = this.#random.oneOf(this.#senders);
    const made = fuzzRequest(sender, this.#senders, this.#relayUrl, this.#random);
    if (!made) return;
    this.#counts.requests++;
    if (made.is === 'forged') this.#counts.forged++;
    const what = `${made.kind} ${made.method} ${made.is}: ${made.how}`;
    const answer = await this.#send(made, what);
    if (!answer) return;
    const isAccepted = made.method === 'POST' && answer.status >= 200 && answer.status < 300;
    if (isAccepted) this.#counts.taken++;
    if (isAccepted && made.is === 'forged') this.#found.forgedAccepted.push(`${what}: ${answer.status}`);
    const isUp = answer.status < 500;
    if (made.is === 'as-sent' && !isAccepted && isUp)
      this.#found.refusedAsSent.push(`${what}: ${answer.text}`);
    this.#expectUntold(answer.text, `the answer to ${what}`);
  }

  async #operate(): Promise<void> {
    const { method, path, body } = operatorRequest(this.#senders, this.#random);
    this.#counts.requests++;
    const url = new URL(`${this.#relayUrl}/api/${path}`);
    const headers = { 'x-functions-key': functionKey, 'Content-Type': 'application/json' };
    await this.#send({ url, method, headers, body }, `${method} ${path.slice(0, 100)}`);
  }

  /** Undefined: there was no answer, which is told. */
  async #send(sending: Parameters<typeof send>[0], what: string): Promise<Answer | undefined> {
    const sentAt = Date.now();
    try {
      const answer = await send(sending, this.#agent, answerWithinMs);
      const isWell = this.#faults.wasWellSince(sentAt);
      if (isWell) this.#counts.whileStorageWasWell++;
      if (answer.status >= 500 && isWell)
        this.#found.serverErrors.push(
          `${what}: ${answer.status} after ${Date.now() - sentAt} ms; ${answer.text.slice(0, 300)}; log: ${this.#heard}`,
        );
      return answer;
    } catch (error) {
      this.#found.unanswered.push(`${what}: ${error}`);
      return undefined;
    }
  }

  #expectUntold(text: string, where: string): void {
    for (const value of [marker, ...values, ...this.#secrets]) {
      const at = text.indexOf(value);
      if (at >= 0) this.#found.told.push(`${where}: ${text.slice(Math.max(0, at - 100), at + 60)}`);
    }
  }

  /** Storage is well: everything comes to an end, and the relay works. */
  async end(exitCode: number | null): Promise<void> {
    const { atTheEnd } = this.#found;
    this.#agent.destroy();
    if (exitCode !== null) atTheEnd.push(`the process has ended with ${exitCode}`);
    await untilNothingIsPending(this.#relayUrl, endWithinMs).catch(async (error) => {
      atTheEnd.push(`${error}: ${await this.#whatIsLeft()}`);
    });
    const health = await call(this.#relayUrl, 'health');
    if (!health.ok) atTheEnd.push(`health: ${health.status}`);
    if (this.#faults.injected > 0) return;
    const parked = changesOf(this.#relayUrl, { status: 'parked' }).catch((error) => {
      atTheEnd.push(String(error));
      return [];
    });
    for (const { deliveryId, reason } of await parked)
      if (reason !== undefined && ofTheRelay.has(reason)) atTheEnd.push(`${reason}: ${deliveryId}`);
  }

  async #whatIsLeft(): Promise<string> {
    const details = await (await call(this.#relayUrl, 'health/details')).text();
    const left = await changesOf(this.#relayUrl, { status: 'pending' });
    const queue = /"queue":.*/.exec(details)?.[0] ?? details;
    return `${left.length} changes, ${JSON.stringify(left.slice(0, 3))}, ${queue}`;
  }

  report(): LoadReport {
    return { ...this.#counts, storageFaults: this.#faults.injected, ...this.#found };
  }
}

/** Reasons of which a sender must not be the cause. */
const ofTheRelay = new Set(['poison', 'storage-refused', 'unreadable-message', 'retries-exhausted']);

/** The machine may be busy, and what was sent is worked off one customer at a time. */
const endWithinMs = 600_000;

/** Of the samples. */
const values = ['Jensen', 'maria.jensen', '8015550142', 'Executive Pkwy'];
