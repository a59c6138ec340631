// What was counted, and when: rates, and throughput over time.

const RATE_SECONDS = 30;
const KEPT_SECONDS = 600;
const SHORTEST_SECONDS = 1;

export class History {
  constructor() {
    this.samples = []; // {time, done: Map of keys to counts}
  }

  // Adds what was counted at a time, in seconds; not within a second of the last, where a rate would
  // say nothing.
  add(time, done) {
    const last = this.samples.at(-1);
    if (last && time - last.time < SHORTEST_SECONDS) return;
    this.samples.push({ time, done });
    while (this.samples.length > 2 && this.samples[0].time < time - KEPT_SECONDS) {
      this.samples.shift();
    }
  }

  // Units a second over the last 30 seconds, or the last two samples; of one key, or of all. What
  // was deleted or tried again does not count against it.
  rate(key) {
    const last = this.samples.at(-1);
    if (!last) return 0;
    const first = this.samples.find((sample) => last.time - sample.time <= RATE_SECONDS);
    const from = first === last ? this.samples.at(-2) : first;
    if (!from || last.time <= from.time) return 0;
    return this.gained(from, last, key) / (last.time - from.time);
  }

  // Units a second between each two samples: [{from, to, rate}].
  rates(key) {
    return this.samples.slice(1).map((sample, index) => {
      const before = this.samples[index];
      const seconds = Math.max(sample.time - before.time, 0.001);
      const rate = this.gained(before, sample, key) / seconds;
      return { from: before.time, to: sample.time, rate };
    });
  }

  gained(from, to, key) {
    const keys = key === undefined ? [...to.done.keys()] : [key];
    return keys.reduce((sum, one) => {
      const before = from.done.get(one);
      const after = to.done.get(one);
      return before === undefined || after === undefined ? sum : sum + Math.max(0, after - before);
    }, 0);
  }
}
