'use strict';
const router = require('chai-router');
const rupees = require('rupees');

const fares = { Satara: 210, Nashik: 365, Kolhapur: 480 };

router()
  .get('/', () => 'Shivneri buses from Pune. Ask /ticket?to=Nashik&seats=2')
  .get('/ticket', (query) => {
    const to = query.get('to');
    const seats = Number(query.get('seats') ?? 1);
    return to in fares ? `${seats} to ${to}: ${rupees(fares[to] * seats)}` : `no bus to ${to}`;
  })
  .listen(3000, () => console.log('bus-tickets on port 3000'));
