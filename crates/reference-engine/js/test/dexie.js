import Dexie from "dexie";

globalThis.Dexie = Dexie;
