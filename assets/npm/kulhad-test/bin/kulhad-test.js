#!/usr/bin/env node
'use strict';
const fs = require('node:fs');
const path = require('node:path');

let failed = 0;
for (const name of fs.readdirSync('test').filter((n) => n.endsWith('.test.js')).sort()) {
  const cases = require(path.resolve('test', name));
  for (const [title, run] of Object.entries(cases)) {
    try {
      run();
      console.log(`ok    ${title}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${title}: ${error.message}`);
    }
  }
}
process.exit(failed ? 1 : 0);
