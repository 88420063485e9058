// Service Workers: caches. `any` where Fetch has its Request and Response: they are not generated, and `impl` converts.
[Exposed=(Window,Worker)]
interface Cache {
  [NewObject] Promise<any> match(any request, optional CacheQueryOptions options = {});
  [NewObject] Promise<any> matchAll(optional any request, optional CacheQueryOptions options = {});
  [NewObject] Promise<undefined> add(any request);
  [NewObject] Promise<undefined> addAll(sequence<any> requests);
  [NewObject] Promise<undefined> put(any request, any response);
  [NewObject] Promise<boolean> delete(any request, optional CacheQueryOptions options = {});
  [NewObject] Promise<any> keys(optional any request, optional CacheQueryOptions options = {});
};
dictionary CacheQueryOptions {
  boolean ignoreSearch = false;
  boolean ignoreMethod = false;
  boolean ignoreVary = false;
};

[Exposed=(Window,Worker)]
interface CacheStorage {
  [NewObject] Promise<any> match(any request, optional MultiCacheQueryOptions options = {});
  [NewObject] Promise<boolean> has(DOMString cacheName);
  [NewObject] Promise<Cache> open(DOMString cacheName);
  [NewObject] Promise<boolean> delete(DOMString cacheName);
  [NewObject] Promise<sequence<DOMString>> keys();
};
dictionary MultiCacheQueryOptions : CacheQueryOptions {
  DOMString cacheName;
};
