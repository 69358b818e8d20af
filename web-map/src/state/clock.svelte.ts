// The server's clock, so that a phone whose clock is wrong still tells true ages.

let offset = 0;
let now = $state(new Date());

const tick = () => (now = new Date(Date.now() + offset));
setInterval(tick, 1000);
document.addEventListener('visibilitychange', tick);

export const clock = {
  get now(): Date {
    return now;
  },
  /** Learns the difference from a moment that the server just told. */
  learn(server: string) {
    const told = Date.parse(server);
    if (Number.isFinite(told)) {
      offset = told - Date.now();
      tick();
    }
  },
};
