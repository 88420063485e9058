export class implementation {
  constructor(realm, args, { id, url, kind, frame_type: frameType }) {
    this.id = id;
    this.url = url;
    this.type = kind;
    this.frameType = frameType;
  }
}
