// Prints the timetable: reads timetable.csv, writes the folder dist.
'use strict';
const fs = require('node:fs');

const trains = fs.readFileSync('timetable.csv', 'utf8').trim().split('\n').map((line) => line.split(','));
const rows = trains.map(([number, name, time]) => `<li>${number} ${name}, ${time}</li>`);
fs.mkdirSync('dist', { recursive: true });
fs.writeFileSync('dist/index.html', `<!doctype html><title>Pune</title><ul>${rows.join('')}</ul>\n`);
fs.writeFileSync('dist/trains.json', JSON.stringify(trains) + '\n');
console.log(`dist: ${trains.length} trains`);
