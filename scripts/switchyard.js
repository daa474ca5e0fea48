#!/usr/bin/env node
// Starts Switchyard, or says why this Node cannot. Plain old JavaScript on purpose: it must run wherever npm runs, so
// it imports by name only what every Node has.
import { existsSync } from "node:fs"
import module from "node:module"
import { fileURLToPath } from "node:url"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  const root = fileURLToPath(new URL("..", import.meta.url))
  const bundled = existsSync(new URL("../node_modules/node/package.json", import.meta.url))
  console.error(
    [
      `Switchyard needs Node 22.19 or newer; this is Node ${process.versions.node}.`,
      bundled
        ? "A current Node comes with the dependency 'node', but its install script has not run" +
          " (an install with --ignore-scripts, or a policy against install scripts)."
        : "The development dependency 'node', which brings a current Node to the npm scripts, is not installed.",
      "Do one of these, then start again:",
      `  - let it run:      npm rebuild node --foreground-scripts   (in ${root})`,
      "  - install it anew: npm install --include=dev --ignore-scripts=false",
      "  - or put a newer Node first on your PATH."
    ].join("\n")
  )
  process.exit(1)
}

module.enableCompileCache?.()
// A checkout runs its TypeScript as it is; the published package brings it compiled.
const source = new URL("../src/main.ts", import.meta.url)
await import(existsSync(source) ? source.href : new URL("../dist/main.js", import.meta.url).href)
