/** Of several askings about one thing, which is the newest: the answers of the others nobody waits for any more. */
export class Newest {
  private readonly last = new Map<string, number>()
  private count = 0

  /** Drafts that have no name yet ('') are not told apart, so all of theirs count. */
  begin(name: string): () => boolean {
    if (name === '') return () => true
    const turn = ++this.count
    this.last.set(name, turn)
    return () => this.last.get(name) === turn
  }
}
