// What malicious packages do when they are installed, each attempt reported.
// It takes nothing anywhere and fails nothing.
"use strict";
const fs = require("fs");
const path = require("path");

const home = process.env.HOME;

const attempts = {
  "read ~/.ssh/id_ed25519": () => fs.readFileSync(path.join(home, ".ssh/id_ed25519")),
  "read the token in the environment": () => {
    if (!process.env.DEPLOY_TOKEN) throw new Error("it is not there");
  },
  "read it from the parent process": () => {
    if (!fs.readFileSync(`/proc/${process.ppid}/environ`).includes("planted-token"))
      throw new Error("it is not there");
  },
  "write to ~/.bashrc": () => fs.appendFileSync(path.join(home, ".bashrc"), "# owned\n"),
};

for (const [what, attempt] of Object.entries(attempts)) {
  try {
    attempt();
    console.log(`nosy: ${what}: GOT IT`);
  } catch (problem) {
    console.log(`nosy: ${what}: refused (${problem.code || problem.message})`);
  }
}
