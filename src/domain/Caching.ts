/**
 * What a caller may ask of the response cache, and what it is told of it.
 *
 * @module
 */

/**
 * `default`: an answer that is kept will do; `bypass`: neither look nor keep; `refresh`: do not look, but keep; `only`: ask
 * nobody.
 */
export const cacheWishes = ["default", "bypass", "refresh", "only"] as const
export type CacheWish = (typeof cacheWishes)[number]

/**
 * `hit`: the answer was kept; `stale`: it was, for longer than it is good, and no budget has room for a new one; `miss`:
 * nothing was kept; `bypass`, `refresh`: as the caller asked; `uncacheable`: such a request is neither looked up nor kept.
 */
export const cacheStatuses = ["hit", "stale", "miss", "bypass", "refresh", "uncacheable"] as const
export type CacheStatus = (typeof cacheStatuses)[number]

/** Did the cache answer, and nobody else? */
export const isFromCache = (status: CacheStatus | undefined): boolean => status === "hit" || status === "stale"
