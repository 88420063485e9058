import * as ServiceWorkerContainer from "../gen/ServiceWorkerContainer.js";
import { implementation as WorkerNavigator } from "./WorkerNavigator-impl.js";

export class implementation extends WorkerNavigator {
  constructor(realm, args) {
    super(realm, args);
    this.serviceWorker = ServiceWorkerContainer.createImpl(realm, []);
  }
}
