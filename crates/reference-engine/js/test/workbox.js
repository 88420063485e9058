import { Queue } from "workbox-background-sync";

globalThis.workbox = { Queue };
