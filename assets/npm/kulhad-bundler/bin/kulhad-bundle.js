#!/usr/bin/env node
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const [from = 'src', to = 'dist'] = process.argv.slice(2);
if (!fs.existsSync(from)) {
  console.error(`kulhad-bundle: there is no folder ${from}/ here`);
  process.exit(1);
}
fs.rmSync(to, { recursive: true, force: true });
fs.mkdirSync(to, { recursive: true });
let files = 0;
for (const name of fs.readdirSync(from).sort()) {
  if (!name.endsWith('.js')) continue;
  const lines = fs.readFileSync(path.join(from, name), 'utf8').split('\n');
  const kept = lines.filter((line) => line.trim() && !line.trim().startsWith('//'));
  fs.writeFileSync(path.join(to, name), kept.join('\n') + '\n');
  files += 1;
}
console.log(`kulhad-bundle: ${files} files from ${from}/ to ${to}/`);
