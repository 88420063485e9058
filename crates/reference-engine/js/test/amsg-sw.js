// The whole worker of a site that uses the package.
import { installReiSW } from "@rei-standard/amsg-sw";

installReiSW(self);
