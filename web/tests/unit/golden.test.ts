/** The golden stories of the board: the same lists hold the server's fold and this one to the same boards. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fold, follows } from "../../src/live/fold";
import type { Delta, Snapshot } from "../../src/live/model";

interface Story {
  readonly about: string;
  readonly board: Snapshot;
  readonly deltas: readonly Delta[];
  readonly after: Snapshot;
}

const FOLDER = new URL("../../../tests/golden/board/", import.meta.url);
const stories = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8")) as Story] as const);

describe("the fold of the board", () => {
  it("has stories to be held to", () => expect(stories.length).toBeGreaterThan(5));

  it.each(stories)("%s", (_, story) => {
    let board = story.board;
    for (const delta of story.deltas) {
      expect(follows(board, delta)).toBe(true);
      board = fold(board, delta);
    }
    expect(board).toEqual(story.after);
  });

  it.each(stories)("%s: a delta applied twice does no harm", (_, story) => {
    const twice = story.deltas.reduce((board, delta) => fold(fold(board, delta), delta), story.board);
    expect(twice).toEqual(story.after);
  });
});
