import * as Event from "../gen/Event.js";
import { intrinsics } from "./intrinsics.js";

export const plain = { bubbles: false, cancelable: false, composed: false };

/** Fires an event without members of its own. */
export const fireSimple = (target, type, afterEach) => target.fireTrusted(Event.createImpl(intrinsics, [type, plain]), afterEach);
