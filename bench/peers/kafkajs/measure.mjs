// Time on the clock and on the processors, told in the words of `hailstorm bench-worker`.

import { readFileSync } from 'node:fs';

/** Ticks of a second in /proc/<pid>/stat. */
const TICKS_PER_S = 100;

/** Processor seconds of a process with all its threads, counted behind its name, which may hold anything. */
function processorSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

function look(servers) {
  const spent = servers.map(([name, pid]) => [name, processorSeconds(pid)]);
  return { atMs: performance.now(), client: processorSeconds(process.pid), servers: new Map(spent) };
}

/** Does the work and tells what it has cost; `servers` is `name=pid,name=pid`. */
export async function measure(servers, records, work) {
  const pairs = servers.split(',').filter(Boolean).map((pair) => pair.split('='));
  const before = look(pairs);
  await work();
  const after = look(pairs);
  const serversCpu = pairs.map(([name]) => [name, after.servers.get(name) - before.servers.get(name)]);
  console.log(
    JSON.stringify({
      records,
      seconds: (after.atMs - before.atMs) / 1000,
      client_cpu_s: after.client - before.client,
      servers_cpu_s: Object.fromEntries(serversCpu),
    }),
  );
}
