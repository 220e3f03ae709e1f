/** Loaded into a process before its own code (`node --import`): tells over IPC what the process uses when asked. */
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ cpuMs: (user + system) / 1000, rss, heap: heapUsed, external });
});
