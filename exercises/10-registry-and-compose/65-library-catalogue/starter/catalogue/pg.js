// A small PostgreSQL client: enough of its wire protocol (version 3, SCRAM-SHA-256) for one small service, so that nothing has
// to be installed. In a project of your own you would use a client library.
import { connect } from "node:net";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

export class Database {
  #socket;
  #buffer = Buffer.alloc(0);
  #waiting = [];
  #last = Promise.resolve();
  #error;

  static async open({ host, port = 5432, user, password, database }) {
    const db = new Database();
    await new Promise((resolve, reject) => {
      db.#socket = connect(port, host, resolve);
      db.#socket.once("error", reject);
    });
    db.#socket.on("data", (chunk) => db.#take(chunk));
    for (const end of ["error", "close"]) db.#socket.on(end, (why) => db.#fail(why ?? new Error("connection closed")));
    const words = ["user", user, "database", database, ""].map((w) => w + "\0").join("");
    db.#socket.write(Buffer.concat([int(8 + Buffer.byteLength(words)), int(196608), Buffer.from(words)]));
    await db.#login(password);
    return db;
  }

  // Rows as objects of strings. `$1`, `$2` … stand for parameters. Answers come in the order of the questions and do not say
  // to which they belong, so the next question waits until this one is answered.
  query(sql, params = []) {
    const answer = this.#last.then(() => this.#query(sql, params));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #query(sql, params) {
    const text = (t) => Buffer.from(t + "\0");
    const values = params.flatMap((p) => {
      const bytes = Buffer.from(String(p));
      return [int(bytes.length), bytes];
    });
    this.#send("P", text(""), text(sql), short(0));
    this.#send("B", text(""), text(""), short(0), short(params.length), ...values, short(0));
    this.#send("D", Buffer.from("P\0"));
    this.#send("E", text(""), int(0));
    this.#send("S");
    let names = [];
    const rows = [];
    let failed;
    for (;;) {
      const [kind, body] = await this.#next();
      if (kind === "T") names = columns(body);
      if (kind === "D") rows.push(row(body, names));
      if (kind === "E") failed = problem(body);
      if (kind === "Z") break;
    }
    if (failed) throw failed;
    return rows;
  }

  async #login(password) {
    const nonce = randomBytes(18).toString("base64");
    const bare = `n=,r=${nonce}`;
    let proof;
    for (;;) {
      const [kind, body] = await this.#next();
      if (kind === "E") throw problem(body);
      if (kind === "Z") return;
      if (kind !== "R") continue;
      const step = body.readInt32BE(0);
      if (step === 10) {
        const first = Buffer.from(`n,,${bare}`);
        this.#send("p", Buffer.from("SCRAM-SHA-256\0"), int(first.length), first);
      } else if (step === 11) {
        const server = body.subarray(4).toString();
        const { r, s, i } = Object.fromEntries(server.split(",").map((part) => [part[0], part.slice(2)]));
        const salted = pbkdf2Sync(password, Buffer.from(s, "base64"), Number(i), 32, "sha256");
        const client = hmac(salted, "Client Key");
        const rest = `c=biws,r=${r}`;
        const signature = hmac(createHash("sha256").update(client).digest(), `${bare},${server},${rest}`);
        proof = client.map((byte, at) => byte ^ signature[at]);
        this.#send("p", Buffer.from(`${rest},p=${Buffer.from(proof).toString("base64")}`));
      } else if (step !== 0 && step !== 12) {
        throw new Error(`the server wants a login of kind ${step}`);
      }
    }
  }

  #send(kind, ...parts) {
    const body = Buffer.concat(parts);
    this.#socket.write(Buffer.concat([Buffer.from(kind), int(body.length + 4), body]));
  }

  #next() {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#drain();
    });
  }

  #take(chunk) {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    this.#drain();
  }

  #drain() {
    while (this.#waiting.length > 0) {
      if (this.#buffer.length >= 5 && this.#buffer.length > this.#buffer.readInt32BE(1)) {
        const end = this.#buffer.readInt32BE(1) + 1;
        const message = [String.fromCharCode(this.#buffer[0]), this.#buffer.subarray(5, end)];
        this.#buffer = this.#buffer.subarray(end);
        this.#waiting.shift().resolve(message);
      } else if (this.#error) {
        this.#waiting.shift().reject(this.#error);
      } else {
        return;
      }
    }
  }

  #fail(why) {
    this.#error ??= why;
    this.#drain();
  }
}

function int(n) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(n);
  return bytes;
}

function short(n) {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(n);
  return bytes;
}

function columns(body) {
  const names = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at);
    names.push(body.toString("utf8", at, end));
    at = end + 19;
  }
  return names;
}

function row(body, names) {
  const values = {};
  let at = 2;
  for (const name of names) {
    const length = body.readInt32BE(at);
    at += 4;
    values[name] = length < 0 ? null : body.toString("utf8", at, at + length);
    at += Math.max(length, 0);
  }
  return values;
}

function problem(body) {
  const fields = body.toString().split("\0");
  return new Error(fields.find((f) => f[0] === "M")?.slice(1) ?? "error of the database");
}
