// @ts-check
// The gateway connection: identify, heartbeat, resume, and an honest account of its own state.

/** Every intent (bits 0 to 16, 20, 21, 24, 25): this is a person's client, it shows whatever the person may see. */
const INTENTS = 53_608_447;

const OP = { DISPATCH: 0, HEARTBEAT: 1, IDENTIFY: 2, PRESENCE: 3, RESUME: 6, RECONNECT: 7, MEMBERS: 8, INVALID: 9, HELLO: 10, ACK: 11 };

/** Closes after which trying again cannot help until something else changes. */
const HOPELESS = new Set([4004, 4010, 4011, 4012, 4013, 4014]);

/** The server has to say HELLO and then READY or RESUMED within this many milliseconds. */
const DEADLINE = 15_000;

/** @typedef {"connecting" | "ready" | "waiting" | "offline" | "signed-out"} State */

export class Gateway {
  /**
   * @param {string} url
   * @param {(name: string, data: any) => void} dispatch called for every event in order
   * @param {(state: State, retryAt: number) => void} changed called when the state changes
   */
  constructor(url, dispatch, changed) {
    this.url = url;
    this.dispatch = dispatch;
    this.changed = changed;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {string | null} */
    this.session = null;
    this.sequence = 0;
    this.attempts = 0;
    this.acknowledged = true;
    /** @type {State} */
    this.state = "connecting";
    /** @type {{status: string, afk: boolean, since: number | null, activities: any[]} | undefined} */
    this.presence = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.deadline = undefined;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.heart = undefined;
    addEventListener("online", () => this.state !== "ready" && this.retry());
    addEventListener("offline", () => this.socket && this.lost(0));
    document.addEventListener("visibilitychange", () => !document.hidden && this.state === "waiting" && this.retry());
  }

  /** Opens a connection, resuming the session when there is one. */
  connect() {
    this.clear();
    this.enter("connecting");
    const socket = new WebSocket(`${this.url}?v=10&encoding=json`);
    this.socket = socket;
    this.deadline = setTimeout(() => this.lost(0), DEADLINE);
    socket.onmessage = (event) => socket === this.socket && this.receive(JSON.parse(event.data));
    socket.onclose = (event) => socket === this.socket && this.lost(event.code);
  }

  /** Tries again now instead of when the pause is over. */
  retry() {
    if (this.state === "signed-out") return;
    this.connect();
  }

  /** @param {number} op @param {any} data */
  send(op, data) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ op, d: data }));
  }

  /** Says what others shall see of this person. @param {string} status @param {any[]} activities */
  setPresence(status, activities) {
    this.presence = { status, afk: false, since: null, activities };
    if (this.state === "ready") this.send(OP.PRESENCE, this.presence);
  }

  /** Asks for a guild's members; they arrive as GUILD_MEMBERS_CHUNK. @param {string} guild @param {string} [query] */
  requestMembers(guild, query = "") {
    this.send(OP.MEMBERS, { guild_id: guild, query, limit: query ? 20 : 0, presences: true });
  }

  /** @param {{op: number, d: any, s: number | null, t: string | null}} frame */
  receive(frame) {
    if (frame.s) this.sequence = frame.s;
    switch (frame.op) {
      case OP.HELLO:
        return this.greet(frame.d.heartbeat_interval);
      case OP.DISPATCH:
        return this.event(frame.t ?? "", frame.d);
      case OP.HEARTBEAT:
        return this.beat();
      case OP.ACK:
        this.acknowledged = true;
        return;
      case OP.RECONNECT:
        return this.lost(0, true);
      case OP.INVALID:
        if (!frame.d) this.forget();
        return this.lost(0, true);
    }
  }

  /** @param {number} interval in milliseconds */
  greet(interval) {
    this.acknowledged = true;
    clearInterval(this.heart);
    this.heart = setInterval(() => (this.acknowledged ? this.beat() : this.lost(0)), interval);
    if (this.session) return this.send(OP.RESUME, { token: "", session_id: this.session, seq: this.sequence });
    const properties = { os: navigator.platform || "web", browser: "Guildhall", device: "guildhall" };
    this.send(OP.IDENTIFY, { token: "", intents: INTENTS, properties, presence: this.presence, large_threshold: 250 });
  }

  beat() {
    this.acknowledged = false;
    this.send(OP.HEARTBEAT, this.sequence || null);
  }

  /** @param {string} name @param {any} data */
  event(name, data) {
    if (name === "READY" || name === "RESUMED") {
      clearTimeout(this.deadline);
      this.attempts = 0;
      if (name === "READY") this.session = data.session_id;
      this.dispatch(name, data);
      this.enter("ready");
      return;
    }
    this.dispatch(name, data);
  }

  forget() {
    this.session = null;
    this.sequence = 0;
  }

  clear() {
    clearTimeout(this.timer);
    clearTimeout(this.deadline);
    clearInterval(this.heart);
    const socket = this.socket;
    this.socket = null;
    // A code above 1001 keeps the session on the server, so that it can be resumed.
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close(4900);
  }

  /**
   * The connection is gone: waits a little longer each time, with some chance in it so that clients do not come
   * back all at once.
   * @param {number} code
   * @param {boolean} [soon] the server asked for it
   */
  lost(code, soon = false) {
    this.clear();
    if (HOPELESS.has(code)) return this.enter("signed-out");
    if (code === 4007 || code === 4009 || code === 4003) this.forget();
    const ceiling = soon && this.attempts === 0 ? 800 : Math.min(30_000, 1000 * 2 ** this.attempts);
    const pause = ceiling * (0.5 + Math.random() / 2);
    this.attempts++;
    this.timer = setTimeout(() => this.connect(), pause);
    this.enter(navigator.onLine ? "waiting" : "offline", Date.now() + pause);
  }

  /** @param {State} state @param {number} [retryAt] */
  enter(state, retryAt = 0) {
    this.state = state;
    this.changed(state, retryAt);
  }
}
