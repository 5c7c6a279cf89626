// A web server in one file: node server.js PORT ROOT [TIMEOUT]

const net = require("node:net");

const port = Number(process.argv[2] ?? 7890);
const root = process.argv[3]; // the folder to serve, from lesson 02 on
const timeout = Number(process.argv[4] ?? 10); // seconds

/** Serves one client. This is yours to write. */
function answer(connection) {
  connection.destroy();
}

// Node.js accepts in a loop of its own, and calls `answer` for each client. A client may close
// its direction and still wait for the answer: `allowHalfOpen`.
const server = net.createServer({ allowHalfOpen: true }, answer);
server.listen(port, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
