// A binary heap by time from which any item can be taken out: one timer then serves all leases and back-offs.
// In: items that carry their time and their place. Out: the earliest. Never sorts the whole.

/** What a heap holds. The heap alone writes `heapIndex`; `atMs` may change only while the item is outside. */
export interface Timed {
  atMs: number;
  heapIndex: number;
}

export class Heap<Item extends Timed> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    item.heapIndex = this.#items.length;
    this.#items.push(item);
    this.#up(item);
  }

  /** Takes the item out; it must be in this heap. */
  remove(item: Item): void {
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#place(last, item.heapIndex);
    this.#up(last);
    this.#down(last);
  }

  /** Takes out and returns the earliest item if its time has come. */
  popDue(nowMs: number): Item | undefined {
    const first = this.#items[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  #place(item: Item, index: number): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }

  #up(item: Item): void {
    for (;;) {
      const index = item.heapIndex;
      const parent = index === 0 ? undefined : this.#items[(index - 1) >> 1];
      if (parent === undefined || parent.atMs <= item.atMs) return;
      this.#place(item, parent.heapIndex);
      this.#place(parent, index);
    }
  }

  #down(item: Item): void {
    for (;;) {
      const index = item.heapIndex;
      const left = this.#items[index * 2 + 1];
      const right = this.#items[index * 2 + 2];
      const child = left !== undefined && right !== undefined && right.atMs < left.atMs ? right : left;
      if (child === undefined || child.atMs >= item.atMs) return;
      this.#place(item, child.heapIndex);
      this.#place(child, index);
    }
  }
}
