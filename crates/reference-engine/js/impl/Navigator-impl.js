export { implementation } from "./WorkerNavigator-impl.js";
