const width = 30;

/** A bar of a part between 0 and 1, with its percentage. */
export function bar(part: number): string {
  const filled = Math.round(part * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${Math.floor(part * 100)} %`;
}

/** Draws a text over and over on the same line of a terminal; draws nothing where there is none. */
export function progressLine(terminal: NodeJS.WriteStream): {
  readonly show: (text: string) => void;
  readonly clear: () => void;
} {
  if (!terminal.isTTY) return { show() {}, clear() {} };
  const clearLine = '\r\u001b[K';
  return {
    show: (text) => void terminal.write(clearLine + text),
    clear: () => void terminal.write(clearLine),
  };
}

/** Seconds as a person says them: `40 s`, `3 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
