/** Every client of the matrix, in the order of its rows. */
import type { Client } from "../cells.ts"
import { anthropic } from "./anthropic.ts"
import { google } from "./google.ts"
import { langchainClients } from "./langchain.ts"
import { openai } from "./openai.ts"
import { openaiResponses } from "./openaiResponses.ts"
import { vercelClients } from "./vercel.ts"

export const clients: ReadonlyArray<Client> = [
  openai,
  openaiResponses,
  anthropic,
  google,
  ...vercelClients,
  ...langchainClients
]
