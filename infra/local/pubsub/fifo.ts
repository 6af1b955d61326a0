// A first-in, first-out queue whose operations stay cheap at hundreds of thousands of items.
// In: items. Out: the same, oldest first. Never copies the queue per item.

/** The emptied front of the array is cut off only when it is at least this long and half of all. */
const CUT_MIN = 1024;

export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  peek(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= CUT_MIN && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Changes the newest item's place with the one `back` places before it; further than the front is the front. */
  swapNewest(back: number): void {
    const newest = this.#items.length - 1;
    const other = Math.max(this.#head, newest - back);
    if (newest <= this.#head) return;
    [this.#items[newest], this.#items[other]] = [this.#items[other], this.#items[newest]];
  }
}
