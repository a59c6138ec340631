// Does a task again and again, not while nobody looks, and less often while it fails.

const INTERVAL_MS = 2000;
const LONGEST_MS = 60000;

export class Poller {
  // `task` is async; `told` gets {error, seconds}: null and 0 where all is well, else what went
  // wrong and when it is tried again.
  constructor(task, told) {
    this.task = task;
    this.told = told;
    this.timer = null;
    this.failures = 0;
    this.running = false;
    this.again = false;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        clearTimeout(this.timer);
      } else {
        this.now();
      }
    });
  }

  // Does it now, or once more where it is under way.
  now() {
    clearTimeout(this.timer);
    if (this.running) {
      this.again = true;
      return;
    }
    this.run();
  }

  async run() {
    this.running = true;
    this.again = false;
    try {
      await this.task();
      this.failures = 0;
      this.told({ error: null, seconds: 0 });
    } catch (error) {
      this.failures += 1;
      this.told({ error, seconds: Math.round(this.delay() / 1000) });
    }
    this.running = false;
    if (this.again) {
      this.run();
    } else if (!document.hidden) {
      this.timer = setTimeout(() => this.run(), this.delay());
    }
  }

  delay() {
    return Math.min(LONGEST_MS, INTERVAL_MS * 2 ** this.failures);
  }
}
