/** Whether the system still waits for its first administrator: then the desk opens the setup guide instead of a sign-in. */
import { ask } from "../session/api";

export async function firstRunNeeded(): Promise<boolean> {
  try {
    return (await ask<{ needed: boolean }>("GET", "/first-run")).needed;
  } catch (error) {
    console.warn("whether this is the first run could not be asked", error);
    return false;
  }
}
