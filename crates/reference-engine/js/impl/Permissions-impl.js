import * as PermissionDescriptor from "../gen/PermissionDescriptor.js";
import * as PermissionStatus from "../gen/PermissionStatus.js";
import { implForWrapper } from "../gen/utils.js";
import { ask } from "../src/calls.js";
import { intrinsics } from "../src/intrinsics.js";
import { watchPermission } from "../src/permissions.js";

export class implementation {
  async query(descriptor) {
    const { name } = PermissionDescriptor.convert(intrinsics, descriptor, { context: "The permission descriptor" });
    const state = await ask({ call: "queryPermission", name });
    const status = PermissionStatus.create(intrinsics, [], { name, state });
    watchPermission(implForWrapper(status));
    return status;
  }
}
