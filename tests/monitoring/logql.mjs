// Parses LogQL queries with Grafana's own grammar. Reads a JSON list from standard input; writes, for each query, the
// places that are no LogQL, the labels that streams are chosen by, the fields that its filters ask for, and its ranges.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { parser } = await import(pathToFileURL(process.argv[2]));
const queries = JSON.parse(readFileSync(0, "utf8"));

function read(text) {
  const found = { wrong: [], labels: [], fields: [], nodes: [] };
  parser.parse(text).iterate({
    enter(node) {
      found.nodes.push(node.name);
      const words = text.slice(node.from, node.to);
      if (node.type.isError) found.wrong.push(`${node.from}: ${words}`);
      if (node.name !== "Identifier") return;
      let above = node.node.parent;
      while (above && above.name !== "Selector") above = above.parent;
      (above ? found.labels : found.fields).push(words);
    },
  });
  return found;
}

console.log(JSON.stringify(queries.map(read)));
