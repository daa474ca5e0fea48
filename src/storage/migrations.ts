/**
 * The tables of the embedded database, as the steps that lead to them.
 *
 * A step's number is its place in the list, from 1; the database's `user_version` is the number of the last one that
 * ran. A step that has been released is never changed: what comes after it is a further step.
 *
 * @module
 */

/** The statements of one step. All of a step's and its number are written together, or none. */
export type Migration = ReadonlyArray<string>

export const migrations: ReadonlyArray<Migration> = [
  // what may not be asked: an entry as JSON under its key
  ["CREATE TABLE quarantine (key TEXT PRIMARY KEY, entry TEXT NOT NULL) STRICT, WITHOUT ROWID"],
  // client keys: an entry as JSON under its name, and a number that changes with any of them
  [
    "CREATE TABLE client_keys (name TEXT PRIMARY KEY, version INTEGER NOT NULL, entry TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE client_keys_revision (revision INTEGER NOT NULL) STRICT",
    "INSERT INTO client_keys_revision (revision) VALUES (0)"
  ],
  // money, in nano-dollars; windows and hours by the milliseconds at which they begin
  [
    // what each owner has drawn of a budget, and how much of that is in the journal
    `CREATE TABLE budget_block (
       budget TEXT NOT NULL, window INTEGER NOT NULL, owner TEXT NOT NULL,
       drawn INTEGER NOT NULL, noted INTEGER NOT NULL,
       PRIMARY KEY (budget, window, owner)
     ) STRICT, WITHOUT ROWID`,
    // what was spent, by the hour and by how surely that is known
    `CREATE TABLE budget_journal (
       budget TEXT NOT NULL, window INTEGER NOT NULL, hour INTEGER NOT NULL, certainty TEXT NOT NULL,
       amount INTEGER NOT NULL, count INTEGER NOT NULL,
       PRIMARY KEY (budget, window, hour, certainty)
     ) STRICT, WITHOUT ROWID`,
    // which life of an owner is the present one, and the answer to the last batch it sent
    `CREATE TABLE budget_owner (
       owner TEXT PRIMARY KEY, life TEXT NOT NULL, batch INTEGER NOT NULL, reply TEXT NOT NULL
     ) STRICT, WITHOUT ROWID`
  ],
  // what parts of the program remember of themselves, as JSON under a name
  ["CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID"]
]
