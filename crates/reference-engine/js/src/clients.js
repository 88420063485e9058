import * as Client from "../gen/Client.js";
import * as WindowClient from "../gen/WindowClient.js";
import { intrinsics } from "./intrinsics.js";

/** A new object each time, as the standard has it. */
export const clientFrom = (info) => (info.kind === "window" ? WindowClient : Client).create(intrinsics, [], info);
