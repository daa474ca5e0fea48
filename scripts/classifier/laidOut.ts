/**
 * Texts laid out in ways few exemplars can show: one question asked of rows (analysis), of a schema (coding), and with
 * options beside it (its own class). What is asked is the same in the first two; the layout alone tells them apart.
 *
 * Everything is drawn from a seed, so training stays repeatable.
 */
import type { LabelledExemplar } from "../../src/classifier/builtInExemplars.ts"
import type { Labelled } from "../../src/classifier/training.ts"

interface Matter {
  readonly table: string
  readonly columns: ReadonlyArray<string>
  readonly values: ReadonlyArray<ReadonlyArray<string>>
  readonly questions: ReadonlyArray<string>
}

const listed = (values: string): ReadonlyArray<string> => values.split(", ")

const matters: ReadonlyArray<Matter> = [
  {
    table: "gardens",
    columns: ["garden", "owner", "acres", "opened"],
    values: [
      listed("Elmhurst, The Dell, Rook Hill, Quay Park"),
      listed("the town, Lady Orme, the town, a trust"),
      listed("12, 3, 40, 7"),
      listed("1902, 1998, 1871, 2010")
    ],
    questions: [
      "Which garden is the largest?",
      "Who owns Rook Hill?",
      "How many gardens belong to the town?",
      "Which garden opened last?",
      "Find the owners of gardens with more than 10 acres."
    ]
  },
  {
    table: "pets",
    columns: ["pet", "kind", "age", "keeper"],
    values: [
      listed("Bibi, Max, Otto, Luna"),
      listed("cat, dog, dog, parrot"),
      listed("4, 11, 2, 30"),
      listed("Ann, Bo, Ann, Cy")
    ],
    questions: [
      "Who has the oldest pet?",
      "How many dogs are there?",
      "Which keeper has more than one pet?",
      "What kind of animal is Luna?",
      "Find the keepers who have no cat."
    ]
  },
  {
    table: "flights",
    columns: ["flight", "from_city", "to_city", "minutes"],
    values: [
      listed("LX12, KA7, LX40, BW3"),
      listed("Bern, Oslo, Bern, Riga"),
      listed("Oslo, Riga, Porto, Bern"),
      listed("150, 95, 180, 165")
    ],
    questions: [
      "Which flight takes the longest?",
      "How many flights leave from Bern?",
      "where does flight ka7 go",
      "List all flights that take less than two hours.",
      "What is the average duration of the flights by city of departure?"
    ]
  },
  {
    table: "elections",
    columns: ["district", "winner", "party", "votes"],
    values: [
      listed("North, Lake, Old Town, Harbour"),
      listed("Berg, Silva, Adeyemi, Kowal"),
      listed("Green, Union, Union, Labour"),
      listed("10412, 8890, 12001, 7345")
    ],
    questions: [
      "Which party won the most districts?",
      "Who won in Old Town?",
      "In which district were the fewest votes cast?",
      "how many votes did silva get",
      "Find the winners who got more than 10000 votes."
    ]
  },
  {
    table: "recipes",
    columns: ["dish", "cuisine", "minutes", "servings"],
    values: [
      listed("goulash, paella, ramen, pierogi"),
      listed("Hungarian, Spanish, Japanese, Polish"),
      listed("120, 60, 45, 90"),
      listed("6, 4, 2, 5")
    ],
    questions: [
      "Which dish takes the least time?",
      "How many dishes are there for each cuisine?",
      "What cuisine is paella?",
      "Which of the dishes serve more than four people?",
      "What dishes have never been cooked?"
    ]
  },
  {
    table: "members",
    columns: ["member_id", "first_name", "club", "joined"],
    values: [
      listed("3, 8, 13, 21"),
      listed("Gus, Hedda, Ivo, Jun"),
      listed("chess, rowing, chess, judo"),
      listed("2001, 2019, 2011, 2022")
    ],
    questions: [
      "Which club has the newest member?",
      "Who joined before 2010?",
      "How many members does the chess club have?",
      "Give the first names of the members who are in no club.",
      "Which club has the most members?"
    ]
  },
  {
    table: "paintings",
    columns: ["title", "painter", "year", "price"],
    values: [
      listed("Dusk, Two Pears, Marta, The Weir"),
      listed("Holm, Ruiz, Holm, Adair"),
      listed("1881, 1920, 1894, 1903"),
      listed("900, 15000, 4200, 700")
    ],
    questions: [
      "Who painted Two Pears?",
      "Which painting is the most expensive?",
      "What are the titles of all paintings by Holm?",
      "Which painters sold nothing?",
      "how many paintings were made before 1900"
    ]
  },
  {
    table: "ferries",
    columns: ["name", "port", "built", "passengers"],
    values: [
      listed("Aurora, Tern, Old Meg, Saint Olaf"),
      listed("Dale, Northhaven, Skerry, Dale"),
      listed("1988, 2004, 1961, 2017"),
      listed("220, 410, 95, 640")
    ],
    questions: [
      "Which ferry carries the most passengers?",
      "How many ferries sail from Dale?",
      "When was the oldest ferry built?",
      "What is the average number of passengers of ferries built after 1990?",
      "List the names of all ferries, sorted by age."
    ]
  },
  {
    table: "matches",
    columns: ["date", "opponent", "score", "attendance"],
    values: [
      listed("April 2, April 9, April 16, April 23"),
      listed("Falcons, Rangers, Union, Falcons"),
      listed("2-1, 0-0, 1-4, 3-3"),
      listed("8120, 7644, 10201, 6950")
    ],
    questions: [
      "who was the opponent on april 16",
      "How many times did the team play the Falcons?",
      "What is the highest attendance?",
      "which match had the lowest attendance?",
      "What was the score against Union?"
    ]
  },
  {
    table: "students",
    columns: ["student_id", "surname", "city", "grade"],
    values: [
      listed("11, 14, 15, 22"),
      listed("Bauer, Costa, Dunn, Eriksen"),
      listed("Ulm, Porto, Cork, Bergen"),
      listed("1.7, 2.3, 1.3, 3.0")
    ],
    questions: [
      "What is the surname of the student with the best grade?",
      "Find the number of students from each city.",
      "Which city does Dunn come from?",
      "How many students have a grade better than 2?",
      "Show the ids of students who live in Porto."
    ]
  },
  {
    table: "albums",
    columns: ["year", "title", "label", "peak"],
    values: [
      listed("1994, 1997, 2001, 2008"),
      listed("Low Tide, Kites, Harvest Road, Mono"),
      listed("Parrot, Parrot, Eastside, Eastside"),
      listed("12, 3, 41, 1")
    ],
    questions: [
      "what album came right after kites?",
      "How many albums were released on Parrot?",
      "Which title reached the best peak position?",
      "in which year was harvest road released?",
      "What are the titles of the albums released before 2000?"
    ]
  },
  {
    table: "orders",
    columns: ["order_id", "customer", "item", "total"],
    values: [
      listed("901, 902, 903, 904"),
      listed("Meyer, Okafor, Meyer, Lund"),
      listed("lamp, chair, desk, lamp"),
      listed("39.90, 120.00, 310.50, 39.90")
    ],
    questions: [
      "Which customer spent the most?",
      "How many lamps were ordered?",
      "What is the total of all orders by Meyer?",
      "Give the names of customers with more than one order.",
      "What is the most expensive item?"
    ]
  },
  {
    table: "rivers",
    columns: ["river", "country", "length", "mouth"],
    values: [
      listed("Arle, Bors, Caun, Dwen"),
      listed("Norland, Norland, Estra, Westmark"),
      listed("310, 85, 640, 212"),
      listed("North Sea, Arle, Baltic, Caun")
    ],
    questions: [
      "Which is the longest river in Norland?",
      "How many rivers are longer than 200 kilometres?",
      "Into what does the Bors flow?",
      "what country is the caun in",
      "Name the rivers whose mouth is a sea."
    ]
  },
  {
    table: "employees",
    columns: ["name", "team", "salary", "hired"],
    values: [
      listed("Ada, Boris, Chen, Dora"),
      listed("sales, support, sales, finance"),
      listed("4100, 3300, 3900, 5200"),
      listed("2015-03-01, 2019-11-15, 2021-06-01, 2012-01-09")
    ],
    questions: [
      "Who earns the most in sales?",
      "How many employees does each team have?",
      "Who was hired first?",
      "What is the mean salary by team?",
      "Which teams have only one employee?"
    ]
  },
  {
    table: "episodes",
    columns: ["no", "title", "director", "viewers"],
    values: [
      listed("1, 2, 3, 4"),
      listed("Ice, The Visitor, Home Again, Salt"),
      listed("K. Brandt, L. Osei, K. Brandt, M. Fry"),
      listed("5.1, 4.8, 4.9, 5.6")
    ],
    questions: [
      "who directed the visitor?",
      "How many episodes were directed by K. Brandt?",
      "What is the title of the episode with 5.6 million viewers?",
      "Which episode had the fewest viewers?",
      "what is the total number of episodes directed by l. osei?"
    ]
  }
]

type Random = () => number

const drawn = <A>(from: ReadonlyArray<A>, random: Random): A | undefined => from[Math.floor(random() * from.length)]
const text = (from: ReadonlyArray<string>, random: Random): string => drawn(from, random) ?? ""

const rowsOf = ({ columns, values }: Matter): ReadonlyArray<ReadonlyArray<string>> =>
  (values[0] ?? []).map((_, row) => columns.map((_, column) => values[column]?.[row] ?? ""))

/** A smaller table of the same matter: some of its columns and rows, the first ones always. */
const cut = (matter: Matter, random: Random): Matter => {
  const columns = 2 + Math.floor(random() * (matter.columns.length - 1))
  const rows = 2 + Math.floor(random() * 3)
  return {
    ...matter,
    columns: matter.columns.slice(0, columns),
    values: matter.values.slice(0, columns).map((values) => values.slice(0, rows))
  }
}

/** Columns as people head them. */
const headed = (matter: Matter, random: Random): Matter =>
  random() < 0.5
    ? matter
    : {
        ...matter,
        columns: matter.columns.map((column) => column.charAt(0).toUpperCase() + column.slice(1).replaceAll("_", " "))
      }

const layouts: ReadonlyArray<(matter: Matter) => string> = [
  (matter) =>
    [matter.columns, matter.columns.map(() => "---"), ...rowsOf(matter)]
      .map((row) => `| ${row.join(" | ")} |`)
      .join("\n"),
  (matter) => [matter.columns, ...rowsOf(matter)].map((row) => row.join(" | ")).join("\n"),
  (matter) => [matter.columns, ...rowsOf(matter)].map((row) => row.join(",")).join("\n"),
  (matter) => [matter.columns, ...rowsOf(matter)].map((row) => row.join("\t")).join("\n"),
  (matter) => [matter.columns, ...rowsOf(matter)].map((row) => row.join("; ")).join("\n"),
  (matter) =>
    `col : ${matter.columns.join(" | ")} ${rowsOf(matter)
      .map((row, at) => `row ${at + 1} : ${row.join(" | ")}`)
      .join(" ")}`,
  (matter) =>
    rowsOf(matter)
      .map((row) => row.map((value, at) => `${matter.columns[at]}: ${value}`).join(", "))
      .join("\n"),
  (matter) => matter.columns.map((column, at) => `${column}: ${(matter.values[at] ?? []).join(", ")}`).join(". "),
  (matter) =>
    `[${[matter.columns, ...rowsOf(matter)].map((row) => `[${row.map((one) => `"${one}"`).join(", ")}]`).join(", ")}]`
]

const rowLeads = [
  "",
  "",
  "",
  "Question: ",
  "Based on the table, ",
  "Answer the question using the table. ",
  "Read the table and answer: ",
  "Q: ",
  "Given the table below: "
]

const ofRows = (matter: Matter, random: Random): string => {
  const rows = drawn(layouts, random)?.(headed(cut(matter, random), random)) ?? ""
  const titled = random() < 0.3 ? `Table: ${matter.table}\n${rows}` : rows
  const question = text(rowLeads, random) + text(matter.questions, random)
  const gap = random() < 0.7 ? "\n\n" : "\n"
  const whole = random() < 0.7 ? `${titled}${gap}${question}` : `${question}${gap}${titled}`
  return random() < 0.2 ? `${whole}\nAnswer:` : whole
}

const types = ["text", "VARCHAR", "INTEGER", "number", "VARCHAR(50)", "int", "real"]
const schemas: ReadonlyArray<(matter: Matter, random: Random) => string> = [
  ({ columns, table }, random) =>
    `CREATE TABLE ${table} (${columns.map((column) => `${column} ${text(types, random)}`).join(", ")})`,
  ({ columns }, random) =>
    `CREATE TABLE table_${Math.floor(random() * 99999)} (${columns.map((column) => `${column} VARCHAR`).join(", ")})`,
  ({ columns, table }, random) =>
    `CREATE TABLE ${table} (\n${columns.map((column) => `    ${column} ${text(types, random)}`).join(",\n")}\n);`,
  ({ columns, table }) => `${table}(${columns.join(", ")})`,
  ({ columns, table }) => `| ${table} : ${columns.join(" , ")}`,
  ({ columns, table }) => `| ${table} : ${columns.map((column) => column.slice(0, 4)).join(" , ")}`,
  ({ columns, table }) => `${table} (${columns.join(", ")})`,
  ({ columns, table }) => `Tables: ${table}(${columns.join(", ")})`,
  ({ columns, table }) => `# ${table} ( ${columns.join(", ")} )`,
  ({ columns, table }) => `Table ${table}, columns = [*,${columns.join(",")}]`,
  ({ columns, table }) => `Table: ${table}, columns: ${columns.join(", ")}`,
  ({ columns, table }) => `Tables: ${table}(${columns.join(", ")}), ${table}_notes(id, ${table}_id, note)`
]
const queryLeads = [
  "",
  "",
  "",
  "-- ",
  "Question: ",
  "### ",
  "Write a SQL query for: ",
  "Translate into SQL: ",
  "-- Using valid SQLite, answer the following question for the tables above.\n-- "
]
const queryEnds = ["", "", "", "\nSELECT", "\nSQL:", "\nAnswer:"]

const ofSchema = (matter: Matter, random: Random): string => {
  const count = random() < 0.4 ? 2 : 1
  const style = drawn(schemas, random)
  const at = matters.indexOf(matter)
  const schema = Array.from({ length: count }, (_, one) =>
    style?.(matters[(at + 3 * one) % matters.length] ?? matter, random)
  ).join(random() < 0.5 ? "\n" : " ")
  const named = random() < 0.25 ? `Schema:\n${schema}` : schema
  const question = text(queryLeads, random) + text(matter.questions, random)
  const gap = random() < 0.6 ? "\n\n" : random() < 0.5 ? "\n" : " "
  return random() < 0.75 ? `${named}${gap}${question}${text(queryEnds, random)}` : `${question}${gap}${named}`
}

const things = listed(
  "granite, photosynthesis, the heart, Norway, a hammer, sodium, gravity, Mars, the kidneys, friction, a lizard, " +
    "evaporation, copper, Vienna, a poem, the roots, oxygen, heat, Napoleon, the Nile, a battery, erosion, light, " +
    "a desert, chlorophyll, the stomach, an insect, Queen Anne, a glacier, sound waves, the library, a bakery, 1848, " +
    "mammals, steam, a mirror, the moon, limestone, a thermometer, speed, the kitchen drawer, sunlight, protons, a river"
)
const marks: ReadonlyArray<readonly [mark: (at: number) => string, gap: string]> = [
  [(at) => `${"ABCDE"[at]}. `, "\n"],
  [(at) => `${"ABCDE"[at]}) `, "\n"],
  [(at) => `(${"ABCDE"[at]}) `, " "],
  [(at) => `(${"abcde"[at]}) `, "\n"],
  [(at) => `${"abcde"[at]}) `, " "],
  [(at) => `${at + 1}) `, "\n"],
  [(at) => `${at + 1}. `, "\n"],
  [(at) => `${"ABCDE"[at]}: `, "\n"],
  [(at) => `${"ABCDE"[at]}. `, " "]
]
const choiceLeads = [
  "",
  "",
  "",
  "Question: ",
  "Choose the correct answer. ",
  "Answer the following multiple choice question.\n\n",
  "The following is a multiple choice question (with answers).\n\n",
  "Pick one. "
]
const choiceEnds = ["", "", "\nAnswer:", "\nAnswer with the letter only."]

const withOptions = (question: string, isNumeric: boolean, random: Random): string => {
  const count = 3 + Math.floor(random() * 3)
  const from = Math.floor(random() * things.length)
  const by = 1 + 2 * Math.floor(random() * 9)
  const options = Array.from({ length: count }, (_, at) =>
    isNumeric ? String(Math.floor(random() * 90) + at) : (things[(from + at * by) % things.length] ?? "")
  )
  const [mark, gap] = drawn(marks, random) ?? [() => "- ", "\n"]
  const written =
    random() < 0.2
      ? `${random() < 0.5 ? "Options" : "Choices"}: ${options.join(", ")}`
      : options.map((option, at) => mark(at) + option).join(gap)
  return `${text(choiceLeads, random)}${question}${gap}${written}${text(choiceEnds, random)}`
}

/** As many texts of each layout as the forms of `texts` allow: none where a form is held out. */
export const laidOut = (
  texts: ReadonlyArray<LabelledExemplar>,
  random: Random
): ReadonlyArray<Labelled & { readonly weight: number }> => {
  const forms = new Set(texts.map(({ form }) => form))
  const all: Array<Labelled & { readonly weight: number }> = []
  const weight = 0.5
  if (forms.has("table"))
    for (let round = 0; round < 14; round++)
      for (const matter of matters) {
        all.push({ text: ofRows(matter, random), label: "analysis", weight })
        all.push({ text: ofSchema(matter, random), label: "coding", weight })
      }
  if (forms.has("choice"))
    for (const { form, label, text: question } of texts) {
      if ((form !== "bare" && form !== "formal" && form !== "terse") || question.length > 160) continue
      const isMath = label === "math"
      const isLookup = label === "fast_lookup" && question.endsWith("?")
      if ((isMath && random() < 0.25) || (isLookup && random() < 0.5))
        all.push({ text: withOptions(question, isMath, random), label, weight })
    }
  return all
}
