// Row heights with running sums: where row n starts and which row lies at a point, both in O(log n)
// (a Fenwick tree), so that one hundred thousand rows scroll like ten.

export class Heights {
  constructor(capacity = 256) {
    this.length = 0;
    this.rows = new Float64Array(capacity);
    this.tree = new Float64Array(capacity + 1);
  }

  get total() {
    return this.before(this.length);
  }

  push(height) {
    if (this.length === this.rows.length) this.grow();
    this.rows[this.length++] = height;
    const at = this.length;
    this.tree[at] = height + this.before(at - 1) - this.before(at - (at & -at));
  }

  set(row, height) {
    const change = height - this.rows[row];
    this.rows[row] = height;
    for (let at = row + 1; at <= this.length; at += at & -at) this.tree[at] += change;
  }

  get(row) {
    return this.rows[row];
  }

  /** Height of the first `count` rows together. */
  before(count) {
    let sum = 0;
    for (let at = count; at > 0; at -= at & -at) sum += this.tree[at];
    return sum;
  }

  /** The row that covers `offset`, the last one when it lies beyond the end. */
  find(offset) {
    let at = 0;
    let left = offset;
    for (let step = 1 << Math.floor(Math.log2(this.length || 1)); step; step >>= 1) {
      if (at + step <= this.length && this.tree[at + step] <= left) {
        at += step;
        left -= this.tree[at];
      }
    }
    return Math.min(at, this.length - 1);
  }

  /** Forgets the first `count` rows. */
  drop(count) {
    const kept = this.rows.slice(count, this.length);
    this.length = kept.length;
    this.refill((row) => kept[row]);
  }

  /** Every height anew, as `height(row)` says. */
  refill(height) {
    const length = this.length;
    this.length = 0;
    for (let row = 0; row < length; row++) this.push(height(row));
  }

  grow() {
    const rows = new Float64Array(this.rows.length * 2);
    const tree = new Float64Array(rows.length + 1);
    rows.set(this.rows);
    tree.set(this.tree);
    this.rows = rows;
    this.tree = tree;
  }
}
