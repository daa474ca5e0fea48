import { readYaml } from "../../src/config/Source.ts"
import { renderProblem } from "../../src/config/ConfigError.ts"
import type { Environment } from "../../src/config/interpolate.ts"
import { settingsFromSource } from "../../src/config/load.ts"
import type { Settings } from "../../src/config/Settings.ts"

export const env: Environment = {
  SWITCHYARD_ADMIN_KEY: "admin-key-0123456789",
  ANTHROPIC_API_KEY: "anthropic-secret-value",
  OPENAI_API_KEY: "openai-secret-value-1",
  OPENAI_API_KEY_2: "openai-secret-value-2",
  GEMINI_API_KEY: "gemini-secret-value",
  AZURE_KEY: "azure-secret-value",
  GROQ_API_KEY: "groq-secret-value",
  WEB_KEY: "web-client-key-0123456789",
  ALERT_WEBHOOK: "https://hooks.example.com/secret-path",
  REDIS_URL: "redis://:redis-secret@127.0.0.1:6379",
  DATABASE_URL: "postgres://user:postgres-secret@127.0.0.1/switchyard"
}

/** Every section, as the documentation shows it. */
export const complete = `server: { host: 127.0.0.1, port: 4141, adminKey: "\${SWITCHYARD_ADMIN_KEY}" }
providers:
  anthropic: { kind: anthropic, apiKey: "\${ANTHROPIC_API_KEY}" }
  openai:    { kind: openai, apiKey: ["\${OPENAI_API_KEY}", "\${OPENAI_API_KEY_2}"], failureDomain: openai }
  gemini:    { kind: google, apiKey: "\${GEMINI_API_KEY}" }
  azure:     { kind: azure-openai, apiKey: "\${AZURE_KEY}", baseUrl: "https://x.openai.azure.com", apiVersion: 2024-10-21, deployments: { gpt-5.2: my-deployment }, failureDomain: openai, region: eu }
  groq:      { kind: groq, apiKey: "\${GROQ_API_KEY}", limits: { requestsPerMinute: 1000, tokensPerMinute: 300000, concurrent: 20 }, weight: 2, state: on }
  local:     { kind: openai-compatible, baseUrl: "http://127.0.0.1:11434/v1/" }
models:
  smart:
    strategy: priority
    targets: [anthropic/claude-sonnet-5, openai/gpt-5.2, gemini/gemini-3.5-flash]
    hedge: true
  european: { strategy: weighted, targets: [azure/gpt-5.2, openai/gpt-5.2], region: eu }
  fast: [anthropic/claude-haiku-4-5, groq/openai/gpt-oss-20b]
  local/llama: { price: { inputPerMTok: 0, outputPerMTok: 0 }, contextWindow: 8192, capabilities: [tools, prefill], limits: { concurrent: 4 } }
tasks:
  coding:   { quality: [anthropic/claude-sonnet-5, openai/gpt-5.2], cost: [groq/openai/gpt-oss-20b] }
  general:  { quality: [openai/gpt-5.2], balanced: [openai/gpt-5-mini], cost: [local/llama], speed: [local/llama] }
resilience:
  maxAttempts: 6
  deadline: 120 seconds
  limits: { connect: 5 seconds, firstEvent: auto, idle: 30 seconds, unary: auto, stream: 30 minutes }
  retries: { RateLimited: 1, ServerError: 1, Overloaded: 1, Network: 1, Timeout: 1 }
  circuit: { failures: 3, window: 60 seconds, openFor: 30 seconds, maxOpenFor: 5 minutes, failureRate: { calls: 20, share: 0.5 } }
  retryBudget: { share: 0.2, perMinute: 10 }
  probes: { enabled: true, interval: 30 seconds }
  queue: { capacity: 1000, patience: 10 seconds }
  costCapUsd: 2
  abandonedStreams: counted
  onMidStreamFailure: resume
  fallbackOnContentPolicy: false
  defaultFallbacks: [fast, openai/gpt-5-mini]
keys:
  - { name: web, key: "\${WEB_KEY}", tenant: acme, priority: normal, allow: [smart, "auto*"], region: eu, limits: { requestsPerMinute: 600, tokensPerMinute: 200000 } }
budgets:
  - { scope: global, window: day, timeZone: UTC, limitUsd: 50, reserve: 5, onExhausted: reject }
  - { scope: "tenant:acme", window: month, limitUsd: 400 }
cache:  { exact: true, ttl: 24 hours, only: temperature-zero }
guard:  { promptInjection: flag, pii: redact, maxInputTokens: 200000 }
alerts: [{ url: "\${ALERT_WEBHOOK}", format: slack }]
storage: { sqlite: ./data/switchyard.db, redis: "\${REDIS_URL}", postgres: "\${DATABASE_URL}" }
`

/** The least a file must have. */
export const minimal = `providers:
  local: { kind: openai-compatible, baseUrl: "http://127.0.0.1:11434/v1" }
`

export const read = (text: string, environment: Environment = env) =>
  settingsFromSource(readYaml("switchyard.yaml", text, environment), environment)

/** The rendered problems of a file. */
export const problemsOf = (text: string, environment: Environment = env): ReadonlyArray<string> =>
  read(text, environment).problems.map(renderProblem)

/** The settings of a file that must be right. */
export const settingsOf = (text: string, environment: Environment = env): Settings => {
  const { problems, settings } = read(text, environment)
  if (settings === undefined || problems.length > 0) throw new Error(problems.map(renderProblem).join("\n"))
  return settings
}
