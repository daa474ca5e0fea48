/**
 * What vendors' answers say of their rate limits, read from the headers.
 *
 * @module
 */
import type { HeaderMap } from "../dialect/Dialect.ts"
import type { RateNews } from "../domain/ProviderWatch.ts"

/** The news in the headers of one answer, or `undefined` where there are none. `now` in milliseconds since 1970. */
export const rateNews = (_headers: HeaderMap, _now: number): RateNews | undefined => undefined
