import { AnswerStore } from "../../src/cache/AnswerStore.ts"
import { answerStoreLaws } from "./storeLaws.ts"

answerStoreLaws("memory", AnswerStore.layerMemory, { bounded: true })
