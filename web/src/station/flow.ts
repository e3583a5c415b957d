/** The way of a press over the screens, at most three touches. Pure: a screen and a touch give the next screen. */
import type { Setup, DefectTile } from "./model";

export type Screen =
  | { readonly at: "idle" }
  | { readonly at: "supplier" }
  | { readonly at: "defect"; readonly kind: "reject" | "catch"; readonly supplier: string | null }
  | { readonly at: "call" }
  | { readonly at: "cause"; readonly stop: string }
  | { readonly at: "list" }
  | { readonly at: "item"; readonly id: string }
  | { readonly at: "detail"; readonly id: string }
  | { readonly at: "late-defect"; readonly id: string }
  | { readonly at: "resume"; readonly id: string }
  | { readonly at: "refused" };

export const IDLE: Screen = { at: "idle" };

/** After REJECT: who sent it, only when there are several; null when nothing is known and it must be sent at once. */
export function afterReject(setup: Setup | null): Screen | null {
  if (!setup || (setup.suppliers.length < 2 && setup.defects.length === 0)) return null;
  return setup.suppliers.length > 1 ? { at: "supplier" } : { at: "defect", kind: "reject", supplier: null };
}

export function afterCatch(setup: Setup | null): Screen | null {
  return setup && setup.own_defects.length > 0 ? { at: "defect", kind: "catch", supplier: null } : null;
}

/** The tiles to choose from: those that the touched supplier makes come first, the order stays otherwise. */
export function defectTiles(setup: Setup | null, kind: "reject" | "catch", supplier: string | null): readonly DefectTile[] {
  const tiles = (kind === "catch" ? setup?.own_defects : setup?.defects) ?? [];
  if (!supplier) return tiles;
  return [...tiles.filter((tile) => tile.origin === supplier), ...tiles.filter((tile) => tile.origin !== supplier)];
}

/** One page of tiles; paged rather than scrolled, because gloves scroll badly. */
export function pageOf<T>(tiles: readonly T[], page: number, size: number): readonly T[] {
  return tiles.slice(page * size, (page + 1) * size);
}

export const pageCount = (tiles: readonly unknown[], size: number): number => Math.max(1, Math.ceil(tiles.length / size));
