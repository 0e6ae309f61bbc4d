// Sharma ji's chai shop: takes orders and keeps them in PostgreSQL.
//   POST /order?item=masala&cups=3   writes an order
//   GET  /orders                     lists them
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { Database } from "./pg.js";

// A password in a file is better than one in the environment; the shop takes either.
const file = process.env.DB_PASSWORD_FILE;
const password = file && existsSync(file) ? readFileSync(file, "utf8").trim() : (process.env.DB_PASSWORD ?? "");

const db = await Database.open({
  host: process.env.DB_HOST ?? "db",
  user: process.env.DB_USER ?? "postgres",
  database: process.env.DB_NAME ?? "chai",
  password,
});
await db.query("CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, item text NOT NULL, cups integer NOT NULL)");

createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const answer = (status, text) => response.writeHead(status, { "content-type": "text/plain" }).end(text + "\n");
  try {
    if (request.method === "POST" && url.pathname === "/order") {
      const [item, cups] = [url.searchParams.get("item") ?? "masala", Number(url.searchParams.get("cups"))];
      await db.query("INSERT INTO orders (item, cups) VALUES ($1, $2::integer)", [item, cups]);
      return answer(201, `${cups} x ${item}: noted`);
    }
    if (url.pathname === "/orders") {
      const rows = await db.query("SELECT item, cups FROM orders ORDER BY id");
      return answer(200, rows.map((r) => `${r.cups} x ${r.item}`).join("\n"));
    }
    if (url.pathname === "/") return answer(200, "Sharma ji ki chai");
    answer(404, "no such page");
  } catch (error) {
    answer(500, error.message);
  }
}).listen(3000, () => console.log("the shop is open on port 3000"));

process.on("SIGTERM", () => process.exit(0));
