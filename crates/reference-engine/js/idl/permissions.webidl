// Permissions.
[Exposed=(Window,Worker)]
interface Permissions {
  [NewObject] Promise<PermissionStatus> query(object permissionDesc);
};

[Exposed=(Window,Worker)]
interface PermissionStatus : EventTarget {
  readonly attribute PermissionState state;
  readonly attribute DOMString name;
  attribute EventHandler onchange;
};
enum PermissionState { "granted", "denied", "prompt" };

dictionary PermissionDescriptor {
  required PermissionName name;
};
enum PermissionName { "background-sync", "notifications", "periodic-background-sync" };
