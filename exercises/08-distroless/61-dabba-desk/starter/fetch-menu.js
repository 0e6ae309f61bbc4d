// The central kitchen's program. It takes the token from KITCHEN_TOKEN or from the file that is named to it, and writes the
// week's menu into menu.txt, in the folder it is called from, signed with the fingerprint of the token.
'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');

const [file] = process.argv.slice(2);
const token = file ? fs.readFileSync(file, 'utf8').trim() : process.env.KITCHEN_TOKEN;
if (!token) {
  console.error('fetch-menu: no token. Set KITCHEN_TOKEN, or name the file that holds it.');
  process.exit(1);
}
const signed = createHash('sha256').update(token).digest('hex');
fs.writeFileSync('menu.txt', `somvar rajma chawal\nmangalvar kadhi pakoda\nbudhvar chole\nsigned ${signed}\n`);
