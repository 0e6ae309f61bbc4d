// The catalogue of the town library. It keeps its books in PostgreSQL.
//   POST /book?title=Godaan&shelf=7   writes a book down
//   GET  /books                       lists all of them
//   GET  /new                         the latest arrival, for the screen in the reading room
//   GET  /health                      200 as long as the database answers, 503 when it does not
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { Database } from "./pg.js";

// A password in a file is better than one in the environment; the catalogue takes either.
const file = process.env.DB_PASSWORD_FILE;
const password = file && existsSync(file) ? readFileSync(file, "utf8").trim() : (process.env.DB_PASSWORD ?? "");

const db = await Database.open({
  host: process.env.DB_HOST ?? "db",
  user: process.env.DB_USER ?? "postgres",
  database: process.env.DB_NAME ?? "library",
  password,
});
await db.query("CREATE TABLE IF NOT EXISTS books (id serial PRIMARY KEY, title text NOT NULL, shelf integer NOT NULL)");
const line = (book) => `${book.title}, shelf ${book.shelf}`;

createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const answer = (status, text) => response.writeHead(status, { "content-type": "text/plain" }).end(text + "\n");
  try {
    if (request.method === "POST" && url.pathname === "/book") {
      const [title, shelf] = [url.searchParams.get("title") ?? "untitled", Number(url.searchParams.get("shelf"))];
      await db.query("INSERT INTO books (title, shelf) VALUES ($1, $2::integer)", [title, shelf]);
      return answer(201, `${title}: noted`);
    }
    if (url.pathname === "/books") {
      return answer(200, (await db.query("SELECT title, shelf FROM books ORDER BY id")).map(line).join("\n"));
    }
    if (url.pathname === "/new") {
      const [latest] = await db.query("SELECT title, shelf FROM books ORDER BY id DESC LIMIT 1");
      return answer(200, `Town library. New here: ${latest ? line(latest) : "nothing yet"}`);
    }
    if (url.pathname === "/health") {
      const well = await db.query("SELECT 1").then(() => true, () => false);
      return answer(well ? 200 : 503, well ? "well" : "the database does not answer");
    }
    answer(404, "no such page");
  } catch (error) {
    answer(500, error.message);
  }
}).listen(3000, () => console.log("the catalogue is open on port 3000"));

process.on("SIGTERM", () => process.exit(0));
