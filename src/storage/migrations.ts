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
  ]
]
