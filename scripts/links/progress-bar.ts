import { bar, progressLine } from '../../cli/progress-line.ts';
import type { Progress } from './import-links.ts';

/** One line: how far it is, by the bytes of the file. */
export function progressBar({ bytesDone, done, rejected }: Progress, bytes: number): string {
  const part = bytes > 0 ? Math.min(1, bytesDone / bytes) : 1;
  const rejections = rejected > 0 ? `, ${rejected} rejected` : '';
  return `${bar(part)}  ${done} links${rejections}`;
}

/** Draws the bar over and over on the same line of a terminal; draws nothing where there is none. */
export function drawProgress(
  bytes: number,
  terminal: NodeJS.WriteStream,
): { readonly show: (progress: Progress) => void; readonly clear: () => void } {
  const line = progressLine(terminal);
  return { show: (progress) => line.show(progressBar(progress, bytes)), clear: line.clear };
}
