'use strict';
const router = require('chai-router');
const rupees = require('rupees');

const fares = { 'Pune': 0, 'Lonavala': 85, 'Mumbai CSMT': 165 };

router()
  .get('/', () => Object.entries(fares).map(([to, fare]) => `${to}: ${rupees(fare)}`).join('\n'))
  .listen(3000, () => console.log('gaadi-board on port 3000'));
