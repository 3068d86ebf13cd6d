// What the viewer says of its connection; nothing while all is as it should be.

const MODES = {
  connecting: "Connecting…",
  events: "Live through server-sent events: websockets are blocked on the way here",
  poll: "Live by asking every second: websockets are blocked on the way here",
  offline: "Reconnecting… the studio does not answer",
  "signed-out": "Signed out. Reload the page to sign in again",
};

export class Badge {
  /** `gone` is said when what wrote the log no longer exists. */
  constructor(node, gone) {
    this.node = node;
    this.words = { ...MODES, gone };
    this.about = "";
    this.why = "";
  }

  mode(name) {
    this.about = this.words[name] ?? "";
    this.show();
  }

  /** `why` the studio cannot read the log; "" when it can. */
  trouble(why) {
    this.why = why;
    this.show();
  }

  show() {
    this.node.textContent = [this.about, this.why].filter(Boolean).join(". ");
    this.node.hidden = !this.node.textContent;
  }
}
