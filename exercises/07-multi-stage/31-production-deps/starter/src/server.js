'use strict';
const router = require('chai-router');
const { quote } = require('./delivery');

const app = router();

app.get('/', () => 'Chai to your door, hot. Ask /delivery?east=12000&north=25000&cups=6');

// Metres from the south-west corner of the town.
app.get('/delivery', (query) =>
  quote(Number(query.get('east')), Number(query.get('north')), Number(query.get('cups') ?? 1)));

app.listen(3000, () => console.log('chai-delivery on port 3000'));
