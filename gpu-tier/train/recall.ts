/** Counts for each class how many of its images are found. */
export class RecallCounter {
  readonly #classes = new Map<number, { images: number; found: number }>();

  add(label: number, found: boolean): void {
    const { images, found: before } = this.#classes.get(label) ?? { images: 0, found: 0 };
    this.#classes.set(label, { images: images + 1, found: before + (found ? 1 : 0) });
  }

  /** Mean over the classes that have images of the share that is found; 0 without any. */
  mean(): number {
    const shares = [...this.#classes.values()].map(({ images, found }) => found / images);
    return shares.reduce((sum, share) => sum + share, 0) / Math.max(shares.length, 1);
  }
}
