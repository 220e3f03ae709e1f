import { Cron } from 'croner';
import { expandSettings } from './app-settings.ts';
import type { Binding } from './core-module.ts';

export interface TimerTriggerOptions {
  readonly trigger: Binding;
  /** False: it runs by hand only. */
  readonly isOn: boolean;
  /** One invocation with the timer's data. Must not reject. */
  run(data: unknown): Promise<void>;
}

export interface TimerTrigger {
  /** Runs the function now, whatever the schedule says. */
  runNow(): Promise<void>;
  stop(): void;
}

/**
 * Starts a timer trigger: six NCRONTAB fields, in UTC as in Azure
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions), never two runs of
 * the schedule at a time, and one run at once with `runOnStartup`. Throws if the schedule is not valid.
 */
export function startTimerTrigger({ trigger, isOn, run }: TimerTriggerOptions): TimerTrigger {
  // NCRONTAB wants the day of the month and the day of the week both to match; cron either.
  const schedule = new Cron(
    expandSettings(trigger.schedule ?? ''),
    { mode: '6-part', timezone: 'Etc/UTC', domAndDow: true, protect: true, paused: !isOn },
    runNow,
  );
  let last = '0001-01-01T00:00:00+00:00';
  if (isOn && trigger.runOnStartup) void runNow();
  return { runNow, stop: () => schedule.stop() };

  async function runNow(): Promise<void> {
    const now = new Date().toISOString();
    const status = { Last: last, Next: schedule.nextRun()?.toISOString() ?? '', LastUpdated: last };
    last = now;
    await run({
      json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: false }),
    });
  }
}
