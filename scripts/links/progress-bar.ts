import type { Progress } from './import-links.ts';

const width = 30;

/** One line: how far it is, by the bytes of the file. */
export function progressBar({ bytesDone, done, rejected }: Progress, bytes: number): string {
  const part = bytes > 0 ? Math.min(1, bytesDone / bytes) : 1;
  const filled = Math.round(part * width);
  const bar = '#'.repeat(filled) + '-'.repeat(width - filled);
  const rejections = rejected > 0 ? `, ${rejected} rejected` : '';
  return `[${bar}] ${Math.floor(part * 100)} %  ${done} links${rejections}`;
}

/** Draws the bar over and over on the same line of a terminal; draws nothing where there is none. */
export function drawProgress(
  bytes: number,
  terminal: NodeJS.WriteStream,
): { readonly show: (progress: Progress) => void; readonly clear: () => void } {
  if (!terminal.isTTY) return { show() {}, clear() {} };
  const clearLine = '\r\u001b[K';
  return {
    show: (progress) => void terminal.write(clearLine + progressBar(progress, bytes)),
    clear: () => void terminal.write(clearLine),
  };
}
