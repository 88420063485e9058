import * as keyval from "idb-keyval";

globalThis.keyval = keyval;
